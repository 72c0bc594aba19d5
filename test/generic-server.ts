import { fileURLToPath } from "node:url";
import * as grpc from "@grpc/grpc-js";
import * as protoLoader from "@grpc/proto-loader";

export const genericProtoDir = fileURLToPath(new URL("../../test/fixtures/generic/", import.meta.url));

export interface GenericServer {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** Calls that have begun and not ended, by method name. */
  readonly open: ReadonlyMap<string, number>;
  /** Resolves when a call of the method begins. */
  begun(method: string): Promise<void>;
  /** Resolves when a call of the method was cancelled by the client. */
  cancelled(method: string): Promise<void>;
  /** Ends every connection at once, as a crash would. */
  close(): void;
}

interface Numbered {
  number: number;
  text: string;
}

/**
 * Ways to ask for trouble in a numbered message: a number below zero fails the call with that code and a
 * detail that names `number`; the text `hang` keeps the call open after the last message.
 *
 * Request metadata `x-octane-echo` comes back as the header `x-octane-header` and the trailer `x-octane-trailer`.
 *
 * Serves `generic.v1.EverythingService` with grpc-js and proto-loader: parts that share no code with the proxy's own
 * reading of messages.
 */
export async function startGenericServer(port = 0): Promise<GenericServer> {
  const definition = protoLoader.loadSync("generic.proto", {
    includeDirs: [genericProtoDir],
    keepCase: true,
    longs: String,
    oneofs: true,
  });
  const loaded = grpc.loadPackageDefinition(definition) as unknown as {
    generic: { v1: { EverythingService: { service: grpc.ServiceDefinition } } };
  };
  const open = new Map<string, number>();
  const waiting = new Map<string, (() => void)[]>();
  const beginning = new Map<string, (() => void)[]>();
  const server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });

  function track(
    method: string,
    call: grpc.ServerUnaryCall<unknown, unknown> | grpc.ServerDuplexStream<unknown, unknown>,
  ) {
    open.set(method, (open.get(method) ?? 0) + 1);
    for (const wake of beginning.get(method)?.splice(0) ?? []) wake();
    let isOpen = true;
    const leave = () => {
      if (isOpen) open.set(method, (open.get(method) ?? 1) - 1);
      isOpen = false;
    };
    call.once("cancelled", () => {
      leave();
      for (const wake of waiting.get(method)?.splice(0) ?? []) wake();
    });
    return leave;
  }

  type Unary = grpc.ServerUnaryCall<unknown, unknown>;
  type Done = grpc.sendUnaryData<unknown>;
  const handlers = {
    Echo: (call: Unary, done: Done) => done(null, call.request),
    Peek: (call: Unary, done: Done) => done(null, call.request),
    Count(
      call: grpc.ServerWritableStream<
        { count: number; text_length: number; fail_after?: FailureMessage; hang_after: boolean },
        Numbered
      >,
    ) {
      const leave = track("Count", call as never);
      const { count, text_length, fail_after, hang_after } = call.request;
      let next = 1;
      const write = () => {
        while (next <= count) {
          const flowing = call.write({ number: next, text: "x".repeat(text_length) });
          next += 1;
          if (!flowing) return void call.once("drain", write);
        }
        if (hang_after) return;
        leave();
        if (fail_after) call.emit("error", statusOf(fail_after));
        else call.end(trailers);
      };
      const trailers = echoMetadata(call);
      write();
    },
    Sum(call: grpc.ServerReadableStream<Numbered, unknown>, done: Done) {
      const leave = track("Sum", call as never);
      const trailers = echoMetadata(call);
      const trouble = createTrouble();
      let sum = 0;
      let messages = 0;
      call.on("data", (message: Numbered) => {
        trouble.note(message);
        sum += message.number ?? 0; // proto-loader leaves a default out
        messages += 1;
      });
      call.on("end", () => {
        if (trouble.hangs) return;
        leave();
        if (trouble.status) done(trouble.status);
        else done(null, { sum: String(sum), messages }, trailers);
      });
    },
    Converse(call: grpc.ServerDuplexStream<Numbered, Numbered>) {
      const leave = track("Converse", call as never);
      const trailers = echoMetadata(call);
      const trouble = createTrouble();
      call.on("data", (message: Numbered) => {
        trouble.note(message);
        if (trouble.status) return;
        if (!call.write(message)) {
          call.pause();
          call.once("drain", () => call.resume());
        }
      });
      call.on("end", () => {
        if (trouble.hangs) return;
        leave();
        if (trouble.status) call.emit("error", trouble.status);
        else call.end(trailers);
      });
    },
    Fail: (call: grpc.ServerUnaryCall<FailureMessage, unknown>, done: Done) => done(statusOf(call.request)),
    Metadata(call: Unary, done: Done) {
      const received = Object.fromEntries(
        Object.entries(call.metadata.getMap()).map(([name, value]) => [name, String(value)]),
      );
      const headers = new grpc.Metadata();
      headers.set("x-octane-header", "from the start");
      call.sendMetadata(headers);
      const trailers = new grpc.Metadata();
      trailers.set("x-octane-trailer", "from the end");
      done(null, { received }, trailers);
    },
    Hang: (call: Unary) => void track("Hang", call as never),
  };
  server.addService(
    loaded.generic.v1.EverythingService.service,
    handlers as unknown as grpc.UntypedServiceImplementation,
  );
  const boundPort = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: `127.0.0.1:${boundPort}`,
    open,
    begun: (method) =>
      new Promise((resolve) => {
        beginning.set(method, [...(beginning.get(method) ?? []), resolve]);
      }),
    cancelled: (method) =>
      new Promise((resolve) => {
        waiting.set(method, [...(waiting.get(method) ?? []), resolve]);
      }),
    close: () => server.forceShutdown(),
  };
}

/** Sends what was asked for at the start of a call; gives what is to go out at its end. */
function echoMetadata(call: {
  readonly metadata: grpc.Metadata;
  sendMetadata(headers: grpc.Metadata): void;
}): grpc.Metadata {
  const trailers = new grpc.Metadata();
  const [echo] = call.metadata.get("x-octane-echo");
  if (echo === undefined) return trailers;
  const headers = new grpc.Metadata();
  headers.set("x-octane-header", echo);
  call.sendMetadata(headers);
  trailers.set("x-octane-trailer", echo);
  return trailers;
}

function createTrouble() {
  return {
    hangs: false,
    status: undefined as Partial<grpc.StatusObject> | undefined,
    note(message: Numbered) {
      if (message.text === "hang") this.hangs = true;
      if (message.number < 0) {
        this.status = statusOf({ code: -message.number, message: message.text, bad_field: "number" });
      }
    },
  };
}

interface FailureMessage {
  code: number;
  message: string;
  bad_field: string;
}

function statusOf({ code, message, bad_field }: FailureMessage): Partial<grpc.StatusObject> {
  const metadata = new grpc.Metadata();
  metadata.set("x-octane-trailer", "with the failure");
  if (bad_field) metadata.set("grpc-status-details-bin", statusWithBadRequest(code, message, bad_field));
  return { code, details: message, metadata };
}

/** Wire bytes of a `google.rpc.Status` with one `google.rpc.BadRequest` detail, written by hand. */
function statusWithBadRequest(code: number, message: string, field: string): Buffer {
  const text = (value: string) => Buffer.from(value);
  const delimited = (number: number, bytes: Buffer) => {
    if (bytes.length > 127) throw new Error("too long for a one-byte length");
    return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
  };
  const violation = Buffer.concat([delimited(1, text(field)), delimited(2, text("not as it should be"))]);
  const any = Buffer.concat([
    delimited(1, text("type.googleapis.com/google.rpc.BadRequest")),
    delimited(2, delimited(1, violation)),
  ]);
  return Buffer.concat([Buffer.from([8, code]), delimited(2, text(message)), delimited(3, any)]);
}
