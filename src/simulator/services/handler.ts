import type { Registry } from "@bufbuild/protobuf";
import type { Contract, Generation } from "../../contract/contract.ts";
import type { Logger } from "../../observe/logger.ts";
import type { SimulatorOptions } from "../../options.ts";
import type { Faults } from "../faults.ts";
import type { RenderEngine } from "../render/render-engine.ts";
import type { PinType } from "../scene/catalogue.ts";
import type { HandleTable } from "../scene/handle-table.ts";
import type { Ids } from "../scene/ids.ts";
import type { Projects } from "../scene/projects.ts";
import type { Scene } from "../scene/scene.ts";
import type { Selection } from "../scene/selection.ts";

/** What every handler may use. One per simulator; it outlives project loads and restarts of the server. */
export interface SimulatorContext {
  readonly generation: Generation;
  readonly contract: Contract;
  /** All message and enum types of the generation. */
  readonly registry: Registry;
  /** Names and numbers of the contract's enums. */
  readonly ids: Ids;
  /** The open project's items; `scene.onChange` tells of camera, value, structure and project changes. */
  readonly scene: Scene;
  /** Handles of objects that are no scene items: arrays, pin infos, categories. */
  readonly handles: HandleTable;
  /** Handles given out for descriptions of pins. */
  readonly pinInfoHandles: Map<PinType, number>;
  /** Saved projects, in memory. */
  readonly projects: Projects;
  readonly selection: Selection;
  /** A new number for a callback or observer that a client registers. */
  nextCallbackId(): number;
  readonly faults: Faults;
  readonly options: SimulatorOptions;
  readonly logger: Logger;
  /** Set by the composition before the server listens; undefined without a renderer. */
  renderEngine: RenderEngine | undefined;
}

/** A message in protobuf-es's shape: lowerCamel names, bigint for 64-bit, `{case, value}` for a oneof. */
export type Fields = { readonly [localName: string]: unknown };

/** Plain object from which the reply message is made; what is left out keeps its default. */
export type Reply = Fields;

/** Which call this is: for handlers that wait. */
export interface CallInfo {
  /** Aborted when the client cancelled, its deadline passed, or the server stops. */
  readonly signal: AbortSignal;
}

/**
 * Request types name just the fields that the handler reads. The cast is checked by the tests, which send real
 * bytes; method syntax makes the parameter bivariant.
 */
export type UnaryHandler = {
  handle(request: Fields, context: SimulatorContext, call: CallInfo): Reply | Promise<Reply>;
}["handle"];

/** Sends each value that it yields; returns to end the stream with OK; watch `call.signal`. */
export type ServerStreamingHandler = {
  handle(request: Fields, context: SimulatorContext, call: CallInfo): AsyncIterable<Reply>;
}["handle"];

/** Reads the requests and answers once. */
export type ClientStreamingHandler = {
  handle(requests: AsyncIterable<Fields>, context: SimulatorContext, call: CallInfo): Reply | Promise<Reply>;
}["handle"];

export interface HandlerTable<Handler> {
  readonly [method: string]: Handler;
}

/**
 * The methods of one service that the simulator answers, by their exact names. Names that the running
 * generation does not have are left out by the server; methods without a row answer UNIMPLEMENTED.
 */
export interface ServiceTable {
  /** Full name: `octaneapi.ApiItemService`. */
  readonly service: string;
  readonly unary?: HandlerTable<UnaryHandler>;
  readonly serverStreaming?: HandlerTable<ServerStreamingHandler>;
  readonly clientStreaming?: HandlerTable<ClientStreamingHandler>;
}

/**
 * What a part of the simulator with a life of its own adds: `render/render-services.ts` exports
 * `createRenderServices(context: SimulatorContext): ServiceModule`, which sets `context.renderEngine`.
 */
export interface ServiceModule {
  readonly tables: readonly ServiceTable[];
  /** Resolves when workers, timers and listeners are gone. Idempotent. */
  close(): Promise<void>;
}
