import fc from "fast-check";

/** The members of a JSON object in the order written; keys may come twice. */
export type Members = readonly (readonly [key: string, value: string])[];

const keys = ["objectPtr", "item_ref", "itemRef", "nodePinInfoRef", "attribute_id"];
const refs = ["null", "null", '{"handle":"5"}', '{"handle":6,"type":2}', "{}"];
const wrong = ["7", '"5"', '{"handle":true}', '{"hande":1}', "[]"];

/** Requests whose receiver stands under an alias, under names of its own, as null or twice, in any order. */
export function randomRequest({ hasFaults }: { readonly hasFaults: boolean }): fc.Arbitrary<Members> {
  const ref = fc.constantFrom(...refs, ...(hasFaults ? wrong : []));
  const member = fc.constantFrom(...keys).chain((key) => {
    const value = key === "attribute_id" ? fc.constantFrom("null", "1", "2") : ref;
    return fc.tuple(fc.constant(key), value);
  });
  return fc.array(member, { maxLength: 5 });
}

export function writeMembers(members: Members): Buffer {
  return Buffer.from(`{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(",")}}`);
}
