import type { AttributeSpec } from "./catalogue/spec.ts";
import type { GraphType, NodeType, PinType } from "./catalogue.ts";
import type { TriangleMesh } from "./mesh.ts";
import type { ArrayValue, Value } from "./value-types.ts";

/** Keyframes of an attribute; `times` holds the fields of the ApiTimeSampling that was set. */
export interface Animation {
  readonly times: unknown;
  readonly values: readonly Value[];
}

export interface Attribute {
  readonly id: number;
  readonly spec: AttributeSpec;
  value: Value | ArrayValue;
  animation: Animation | undefined;
  /** Set without evaluating since. */
  dirty: boolean;
}

export interface Pin {
  readonly type: PinType;
  /** Came with an attribute or a file, not with the node type. */
  readonly dynamic: boolean;
  /** What is connected; undefined for an empty pin. */
  source: SceneItem | undefined;
  dirty: boolean;
}

/** Where an item lives: in a graph, or inside a node as the default behind one of its pins. */
export type Owner =
  | { readonly kind: "graph"; readonly graph: SceneGraph }
  | { readonly kind: "pin"; readonly node: SceneNode; readonly pin: Pin };

interface ItemFields {
  /** Unique for the life of the simulator; never used again. */
  readonly handle: number;
  /** Number in ObjectRef.ObjectType. */
  readonly objectType: number;
  name: string;
  position: readonly [number, number];
  uiFlags: number;
  /** Undefined for the root graph and the application's own nodes. */
  owner: Owner | undefined;
  readonly attributes: Map<number, Attribute>;
}

export interface SceneNode extends ItemFields {
  readonly kind: "node";
  readonly type: NodeType;
  readonly pins: Pin[];
  /** A mesh that came with a file; the array attributes win where they hold one. */
  geometry: TriangleMesh | undefined;
}

export interface SceneGraph extends ItemFields {
  readonly kind: "graph";
  readonly type: GraphType;
  readonly items: SceneItem[];
}

export type SceneItem = SceneNode | SceneGraph;

/** The item that lives behind the pin as its default; undefined for a wire or an empty pin. */
export function ownedBy(node: SceneNode, pin: Pin): SceneItem | undefined {
  const owner = pin.source?.owner;
  return owner?.kind === "pin" && owner.node === node && owner.pin === pin ? pin.source : undefined;
}

/** What lies directly inside an item. */
export function ownedItems(item: SceneItem): readonly SceneItem[] {
  if (item.kind === "graph") return item.items;
  return item.pins.flatMap((pin) => ownedBy(item, pin) ?? []);
}

/** The item and all that it owns, owners first. */
export function* withOwned(item: SceneItem): Generator<SceneItem> {
  yield item;
  for (const owned of ownedItems(item)) yield* withOwned(owned);
}
