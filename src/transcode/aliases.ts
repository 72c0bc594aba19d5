/** A request field that existing clients send under another name. */
export interface FieldAlias {
  /** Top-level key in the client's JSON; an alias only where the request type has no field of this name. */
  readonly name: string;
  /** The first of these that the request type has takes the value. */
  readonly fields: readonly string[];
  readonly reason: string;
}

/** In force in dialects with `objectPtrAliases`. A field that the client sends under its own name wins, unless it is null. */
export const objectPtrAliases: readonly FieldAlias[] = [
  {
    name: "objectPtr",
    fields: ["nodePinInfoRef", "item_ref"],
    reason:
      "both web clients send the receiver of every call as objectPtr; ApiNodePinInfoEx calls it nodePinInfoRef, " +
      "the value getters and setters of ApiItem and ApiNode call it item_ref",
  },
];
