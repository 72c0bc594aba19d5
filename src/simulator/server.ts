import { create, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedHandleCall,
} from "@grpc/grpc-js";
import type { ContractMethod } from "../contract/contract.ts";
import { grpcCodes } from "../errors.ts";
import type { CallInfo, Fields, Reply, ServiceTable, SimulatorContext } from "./services/handler.ts";
import { Status } from "./services/status.ts";

const maxMessageBytes = 256 * 1024 * 1024;

/** A listening gRPC server. */
export interface SimulatorServer {
  readonly port: number;
  /** Breaks every open connection; the server goes on listening. */
  dropConnections(): void;
  /** Breaks every connection and frees the port. Idempotent. */
  close(): Promise<void>;
}

/**
 * Serves the methods that have a handler and that the generation's contract has; every other one answers
 * UNIMPLEMENTED, as gRPC does.
 * @throws Error when the port cannot be had
 */
export async function listen(
  context: SimulatorContext,
  tables: readonly ServiceTable[],
  host: string,
  port: number,
): Promise<SimulatorServer> {
  const server = new Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
    // Costs on every call. forceShutdown knows no sessions without it, so close() drains instead.
    "grpc.enable_channelz": 0,
  });
  let address = "";
  const run: Run = {
    context,
    waiting: new Set(),
    dropConnections: () => server.drain(address, 0),
  };
  for (const table of tables) addTable(server, table, run);

  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, boundPort) => {
      if (error === null) resolve(boundPort);
      else reject(error);
    });
  });
  address = `${host}:${bound}`;
  let closing: Promise<void> | undefined;
  return {
    port: bound,
    dropConnections: run.dropConnections,
    close() {
      closing ??= new Promise((resolve) => {
        for (const controller of run.waiting) controller.abort();
        run.dropConnections();
        server.tryShutdown(() => resolve());
      });
      return closing;
    },
  };
}

interface Run {
  readonly context: SimulatorContext;
  /** Calls whose handler asked for its signal; they are aborted when the server stops. */
  readonly waiting: Set<AbortController>;
  dropConnections(): void;
}

type Definition = MethodDefinition<Fields, Reply>;
interface Cancellable {
  readonly cancelled: boolean;
  on(event: "cancelled", listener: () => void): unknown;
}

function addTable(server: Server, table: ServiceTable, run: Run): void {
  const service = run.context.contract.services.get(table.service);
  if (service === undefined) return;
  const definition: Record<string, Definition> = {};
  const handlers: Record<string, UntypedHandleCall> = {};
  for (const method of service.methods.values()) {
    const handler = handlerOf(table, method, run);
    if (handler === undefined) continue;
    definition[method.name] = definitionOf(method);
    handlers[method.name] = handler;
  }
  server.addService(definition as ServiceDefinition, handlers);
}

function definitionOf({ path, kind, desc }: ContractMethod): Definition {
  const serialize = (message: DescMessage) => (fields: Fields) => {
    const bytes = toBinary(message, create(message, fields));
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
  const deserialize = (message: DescMessage) => (bytes: Buffer) =>
    fromBinary(message, bytes) as unknown as Fields;
  return {
    path,
    requestStream: kind === "client_streaming" || kind === "bidi_streaming",
    responseStream: kind === "server_streaming" || kind === "bidi_streaming",
    requestSerialize: serialize(desc.input),
    requestDeserialize: deserialize(desc.input),
    responseSerialize: serialize(desc.output),
    responseDeserialize: deserialize(desc.output),
  };
}

function handlerOf(table: ServiceTable, method: ContractMethod, run: Run): UntypedHandleCall | undefined {
  switch (method.kind) {
    case "unary":
      return unary(table, method, run);
    case "server_streaming":
      return serverStreaming(table, method, run);
    case "client_streaming":
      return clientStreaming(table, method, run);
    case "bidi_streaming":
      return undefined;
    default:
      return method.kind satisfies never;
  }
}

function own<Handler>(
  table: { readonly [name: string]: Handler } | undefined,
  name: string,
): Handler | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}

function unary(
  table: ServiceTable,
  method: ContractMethod,
  run: Run,
): handleUnaryCall<Fields, Reply> | undefined {
  const handler = own(table.unary, method.name);
  if (handler === undefined) return undefined;
  return (call, callback) => {
    answer(run, method, call, (info) => handler(call.request, run.context, info)).then(
      (reply) => callback(null, reply),
      (error) => callback(statusOf(error, run, method)),
    );
  };
}

function clientStreaming(
  table: ServiceTable,
  method: ContractMethod,
  run: Run,
): handleClientStreamingCall<Fields, Reply> | undefined {
  const handler = own(table.clientStreaming, method.name);
  if (handler === undefined) return undefined;
  return (call, callback) => {
    answer(run, method, call, (info) => handler(call, run.context, info)).then(
      (reply) => callback(null, reply),
      (error) => callback(statusOf(error, run, method)),
    );
  };
}

function serverStreaming(
  table: ServiceTable,
  method: ContractMethod,
  run: Run,
): handleServerStreamingCall<Fields, Reply> | undefined {
  const handler = own(table.serverStreaming, method.name);
  if (handler === undefined) return undefined;
  return (call) => {
    const send = async (info: CallInfo): Promise<void> => {
      for await (const reply of handler(call.request, run.context, info)) {
        if (call.cancelled) return;
        if (!call.write(reply)) await drained(call, info.signal);
      }
    };
    answer(run, method, call, send).then(
      () => call.end(),
      (error) => call.destroy(Object.assign(new Error(), statusOf(error, run, method))),
    );
  };
}

/** Resolves at the next drain, or when the call has ended. */
function drained(call: NodeJS.EventEmitter, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      call.off("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    call.on("drain", done);
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}

/** Meets the call's faults, then runs the handler. */
async function answer<Result>(
  run: Run,
  method: ContractMethod,
  call: Cancellable,
  handle: (info: CallInfo) => Result | Promise<Result>,
): Promise<Result> {
  let controller: AbortController | undefined;
  // Made when first asked for: most handlers answer at once, and a signal costs more than they do.
  const info: CallInfo = {
    get signal() {
      if (controller === undefined) {
        const made = new AbortController();
        controller = made;
        run.waiting.add(made);
        call.on("cancelled", () => made.abort());
        if (call.cancelled) made.abort();
      }
      return controller.signal;
    },
  };
  try {
    await meetFault(run, method, info);
    return await handle(info);
  } finally {
    if (controller !== undefined) run.waiting.delete(controller);
  }
}

async function meetFault(run: Run, method: ContractMethod, info: CallInfo): Promise<void> {
  const fault = run.context.faults.take(`${method.service.fullName}/${method.name}`);
  switch (fault?.kind) {
    case undefined:
      return;
    case "delay":
      return wait(fault.ms, info.signal);
    case "status":
      throw new Status(fault.code, fault.message);
    case "drop":
      run.dropConnections();
      return wait(undefined, info.signal);
    case "hang":
      return wait(undefined, info.signal);
    default:
      return fault satisfies never;
  }
}

/** Rejects with CANCELLED when the signal fires first. */
function wait(ms: number | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => {
      clearTimeout(timer);
      reject(new Status("CANCELLED", "the call was given up"));
    };
    const timer = ms === undefined ? undefined : setTimeout(finish, ms);
    function finish(): void {
      signal.removeEventListener("abort", cancel);
      resolve();
    }
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) cancel();
  });
}

function statusOf(error: unknown, run: Run, method: ContractMethod): { code: number; details: string } {
  if (error instanceof Status) return { code: grpcCodes[error.code], details: error.message };
  run.context.logger.error("simulator handler failed", { method: method.path, error });
  return { code: grpcCodes.INTERNAL, details: `the simulator failed on ${method.name}` };
}
