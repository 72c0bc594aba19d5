import type { Fields } from "../services/handler.ts";
import { invalid, notFound } from "../services/status.ts";
import type { SceneItem, SceneNode } from "./item.ts";
import type { LibraryCategory, LibraryMaterial } from "./material-library.ts";

/** Objects beside scene items that clients hold by handle. The key is the name in ObjectRef.ObjectType. */
export interface HandleObjects {
  readonly ApiItemArray: readonly (SceneItem | undefined)[];
  readonly ApiNodeArray: readonly (SceneNode | undefined)[];
  /** Fields of an ApiNodePinInfo message. */
  readonly ApiNodePinInfo: Fields;
  readonly ApiSceneOutliner: { readonly created: true };
  readonly ApiLocalDB_Category: LibraryCategory;
  readonly ApiLocalDB_Package: LibraryMaterial;
  readonly ApiDBMaterialManager_DBCategoryArray: readonly Fields[];
  readonly ApiDBMaterialManager_DBMaterialArray: readonly Fields[];
}
export type HandleKind = keyof HandleObjects;

/** Mints handles for objects that are no scene items. Bounded: past the limit the oldest unused handle dies. */
export interface HandleTable {
  add<Kind extends HandleKind>(kind: Kind, object: HandleObjects[Kind]): number;
  /** Replaces what an existing handle names. */
  replace<Kind extends HandleKind>(kind: Kind, handle: bigint, object: HandleObjects[Kind]): void;
  /** @throws Status NOT_FOUND for a handle that nothing has, INVALID_ARGUMENT for null or another kind. */
  get<Kind extends HandleKind>(kind: Kind, ref: { readonly handle: bigint } | undefined): HandleObjects[Kind];
  findKind(handle: bigint): HandleKind | undefined;
  /** True when it was there. */
  delete(handle: bigint): boolean;
  clear(): void;
  readonly size: number;
}

/** First handle that is no scene item. */
export const firstObjectHandle = 500_000_001;

/** @param isItem tells whether a handle is a scene item, for a better error. */
export function createHandleTable(isItem: (handle: bigint) => boolean, limit = 8192): HandleTable {
  const objects = new Map<bigint, { kind: HandleKind; object: unknown }>();
  let next = firstObjectHandle;

  const find = (kind: HandleKind, ref: { readonly handle: bigint } | undefined) => {
    const handle = ref?.handle ?? 0n;
    if (handle === 0n) throw invalid(`expected the handle of an ${kind}, came the null object`);
    const entry = objects.get(handle);
    if (entry === undefined) {
      if (isItem(handle)) throw invalid(`handle ${handle} is a scene item, expected an ${kind}`);
      throw notFound(`no object has the handle ${handle}; expected an ${kind}`);
    }
    if (entry.kind !== kind) throw invalid(`handle ${handle} is an ${entry.kind}, expected an ${kind}`);
    return { handle, entry };
  };

  return {
    add(kind, object) {
      const handle = next++;
      objects.set(BigInt(handle), { kind, object });
      if (objects.size > limit) {
        const oldest = objects.keys().next().value;
        if (oldest !== undefined) objects.delete(oldest);
      }
      return handle;
    },
    replace(kind, handle, object) {
      find(kind, { handle }).entry.object = object;
    },
    get<Kind extends HandleKind>(kind: Kind, ref: { readonly handle: bigint } | undefined) {
      const { handle, entry } = find(kind, ref);
      // Used again: moves behind the others, so that what is in use is recycled last.
      objects.delete(handle);
      objects.set(handle, entry);
      return entry.object as HandleObjects[Kind];
    },
    findKind: (handle) => objects.get(handle)?.kind,
    delete: (handle) => objects.delete(handle),
    clear: () => objects.clear(),
    get size() {
      return objects.size;
    },
  };
}
