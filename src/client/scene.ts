import { type CallOptions, encodeJson, type Transport } from "./fetch-client.ts";

/** Where a part of the scene could not be read. */
export interface SceneError {
  readonly code: string;
  readonly message: string;
  readonly reason?: string;
}

export interface SceneAttribute {
  readonly id: string | number;
  readonly type: string | number;
  readonly value?: unknown;
  /** An array: it is not read, for it may be large. */
  readonly isArray?: boolean;
  readonly error?: SceneError;
}

export interface ScenePin {
  readonly index: number;
  readonly id?: string | number;
  readonly type?: string | number;
  readonly label?: string;
  readonly group?: string;
  /** The pin's whole description, as `ApiNodePinInfoEx` gives it. */
  readonly info?: { readonly [name: string]: unknown };
  readonly connected: SceneNode | SceneRef | null;
  readonly error?: SceneError;
}

/** A node that stands elsewhere in the tree, or below its depth. */
export interface SceneRef {
  readonly ref: string;
  readonly beyondDepth?: boolean;
}

export interface SceneNode {
  readonly handle: string;
  readonly name?: string;
  /** Absent where even that could not be read. */
  readonly kind?: "node" | "graph";
  readonly type?: string | number;
  readonly outType?: string | number;
  readonly position?: { readonly x?: number; readonly y?: number };
  readonly attributes?: readonly SceneAttribute[];
  readonly pins: readonly ScenePin[];
  /** Of a graph. */
  readonly items?: readonly (SceneNode | SceneRef)[];
  readonly error?: SceneError;
}

export type SceneField = "name" | "type" | "outType" | "position" | "attributes" | "pins" | "info";

export interface SceneOptions extends CallOptions {
  /** Handle of the node or graph to begin at. Default: the project's root graph. */
  readonly root?: string | number | bigint | { readonly handle: string | number | bigint };
  /** Levels below the root. Default: all, as with Infinity. */
  readonly depth?: number;
  /** What is told of nodes and pins beside handle, kind and connections. Default: everything. */
  readonly fields?: readonly SceneField[];
}

/** `POST /scene/tree`: the scene, read beside Octane in one request. */
export async function readScene(
  transport: Transport,
  { signal, timeoutMs, depth, ...request }: SceneOptions = {},
): Promise<SceneNode> {
  const body = encodeJson(depth === Number.POSITIVE_INFINITY ? request : { ...request, depth });
  const text = await transport.post("/scene/tree", body, { signal, timeoutMs });
  return (JSON.parse(text) as { root: SceneNode }).root;
}
