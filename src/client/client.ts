// For browsers and Node: nothing here, nor in what it imports, may import a module of Node.
import {
  type BatchCall,
  type BatchOptions,
  type BatchResult,
  type BatchResults,
  Reference,
  ref,
  runBatch,
  type Sparse,
  type WithReferences,
} from "./batch.ts";
import { converse } from "./converse.ts";
import { type EventOptions, type RenderEvent, type RenderImage, readEvents } from "./events.ts";
import {
  type AnyApi,
  type CallOptions,
  createCalls,
  createTransport,
  type FetchClient,
  type FetchClientOptions,
  type MethodName,
  OctaneError,
  type ReplyOf,
  type RequestOf,
  type ServiceName,
} from "./fetch-client.ts";
import { decodeFrame, type Frame, type FrameFormat } from "./frame-message.ts";
import type { FrameSettings } from "./frame-settings.ts";
import {
  type CameraPose,
  type FrameEvent,
  type FrameOptions,
  type FrameStream,
  openFrames,
} from "./frames.ts";
import { readScene, type SceneNode, type SceneOptions } from "./scene.ts";
import { createSocketOpener, type SocketConstructor } from "./web-socket.ts";

export type {
  BidiStreaming,
  ClientStreaming,
  Method,
  MethodKind,
  ServerStreaming,
  Unary,
} from "./fetch-client.ts";
export type {
  SceneAttribute,
  SceneError,
  SceneField,
  ScenePin,
  SceneRef,
} from "./scene.ts";
export {
  type AnyApi,
  type BatchCall,
  type BatchOptions,
  type BatchResult,
  type BatchResults,
  type CallOptions,
  type CameraPose,
  decodeFrame,
  type EventOptions,
  type Frame,
  type FrameEvent,
  type FrameFormat,
  type FrameOptions,
  type FrameSettings,
  type FrameStream,
  OctaneError,
  Reference,
  type RenderEvent,
  type RenderImage,
  ref,
  type SceneNode,
  type SceneOptions,
  type SocketConstructor,
  type Sparse,
  type WithReferences,
};

export interface ClientOptions extends FetchClientOptions {
  /** For `frames` and `converse` where the runtime has none: that of the package `ws`. */
  readonly WebSocket?: SocketConstructor | undefined;
}

/** Everything that the proxy offers to a program. */
export interface Client<Api> extends FetchClient<Api> {
  /** Many calls in one request; a later one may use what an earlier one returned, by `ref`. */
  batch<const Calls extends readonly BatchCall<Api>[]>(
    calls: Calls,
    options?: BatchOptions,
  ): Promise<BatchResults<Api, Calls>>;
  /** A streaming call of any kind over a WebSocket; of a method that gives one reply, that one comes. */
  converse<S extends ServiceName<Api>, M extends MethodName<Api[S], "client_streaming" | "bidi_streaming">>(
    service: S,
    method: M,
    requests: AsyncIterable<RequestOf<Api[S][M]>> | Iterable<RequestOf<Api[S][M]>>,
    options?: CallOptions,
  ): AsyncGenerator<ReplyOf<Api[S][M]>, void, undefined>;
  /** The whole scene, or a part of it, in one request. */
  sceneTree(options?: SceneOptions): Promise<SceneNode>;
  /** What happens while Octane renders, images included. */
  events(options?: EventOptions): AsyncGenerator<RenderEvent, void, undefined>;
  /** Images in the form that suits the moment, and the camera. */
  frames(options?: FrameOptions): FrameStream;
}

/** A client for octane-proxy. Nothing is sent before the first call. */
export function createClient<Api = AnyApi>(options: ClientOptions = {}): Client<Api> {
  const transport = createTransport(options);
  const opener = createSocketOpener(transport, options);
  const client = {
    ...createCalls<Api>(transport),
    batch: (calls: readonly object[], batchOptions?: BatchOptions) =>
      runBatch(transport, calls, batchOptions),
    converse: (service: string, method: string, requests: Iterable<unknown>, callOptions?: CallOptions) =>
      converse(opener, service, method, requests, callOptions),
    sceneTree: (sceneOptions?: SceneOptions) => readScene(transport, sceneOptions),
    events: (eventOptions?: EventOptions) => readEvents(transport, eventOptions),
    frames: (frameOptions?: FrameOptions) => openFrames(transport, opener, frameOptions),
  };
  return client as unknown as Client<Api>;
}
