import type { SceneItem } from "../scene/item.ts";

/** `octaneapi.ObjectRef` as it comes in; the type number is that of the called service and is ignored. */
export type Ref = { readonly handle: bigint; readonly type: number } | undefined;

/** Most requests: the receiver. */
export type OnObject = { readonly objectPtr: Ref };
/** Requests of the attribute and pin value calls. */
export type OnItem = { readonly itemRef: Ref };

/** The reply reference of an item; the null object for undefined. Always present, as clients require. */
export function refTo(item: SceneItem | undefined): { handle: bigint; type: number } {
  return item === undefined ? nullRef() : { handle: BigInt(item.handle), type: item.objectType };
}

/** Handle 0: a present but empty ObjectRef on the wire. */
export function nullRef(): { handle: bigint; type: number } {
  return { handle: 0n, type: 0 };
}
