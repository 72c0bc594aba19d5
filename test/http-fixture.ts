import { readFileSync } from "node:fs";
import { connect } from "node:net";
import type { TestContext } from "node:test";
import { connect as connectTls } from "node:tls";
import { ProxyError } from "../src/errors.ts";
import { createOctaneRoutes, createSharedRoutes } from "../src/http/create-routes.ts";
import { createRequestHandler } from "../src/http/request-handler.ts";
import type { Route, UpgradeRoute } from "../src/http/route.ts";
import { createHttpServer, type HttpServer } from "../src/http/server.ts";
import { type CallLog, createCallLog } from "../src/observe/call-log.ts";
import type { Logger } from "../src/observe/logger.ts";
import { silentLogger } from "../src/observe/logger.ts";
import type { ServerTls } from "../src/options.ts";
import { createRecordings } from "../src/recording/recordings.ts";
import type { Session } from "../src/rpc/session.ts";
import type { JsonRequest, JsonResult } from "../src/rpc/unary-call.ts";
import { createTranscoder } from "../src/transcode/create-transcoder.ts";

export interface FixtureInit {
  readonly options?: Partial<{
    host: string;
    port: number;
    allowOrigin: readonly string[];
    allowHost: readonly string[];
    token: string | undefined;
    maxBodyBytes: number;
    strict: boolean;
    timeoutMs: number;
    staticDir: string | undefined;
    clientLogDir: string;
    tls: ServerTls | undefined;
  }>;
  readonly session?: Partial<Session>;
  readonly routes?: readonly Route[];
  readonly upgrades?: readonly UpgradeRoute[];
  readonly logger?: Logger;
  readonly drainMs?: number;
  readonly headersTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  callJson?(call: JsonRequest): Promise<Partial<JsonResult>>;
}

export interface Fixture {
  readonly server: HttpServer;
  readonly callLog: CallLog;
  /** Calls that got through to the caller. */
  readonly calls: JsonRequest[];
}

/** The HTTP server with a caller that answers every call of `Known/*` with `{"got":BODY}`; closed after the test. */
export async function startHttp(t: TestContext, init: FixtureInit = {}): Promise<Fixture> {
  const options = {
    host: "127.0.0.1",
    port: 0,
    allowOrigin: [],
    allowHost: [],
    token: undefined,
    maxBodyBytes: 64 * 1024,
    strict: false,
    timeoutMs: 30_000,
    staticDir: undefined,
    clientLogDir: "/nonexistent/client-logs",
    ...init.options,
  };
  const calls: JsonRequest[] = [];
  const callLog = createCallLog();
  // Not a copy: tests change their session while it is served.
  const session = Object.setPrototypeOf(init.session ?? {}, createSessionStub()) as Session;
  const shared = createSharedRoutes(options, () => [session]);
  const routes = createOctaneRoutes({
    session,
    sessions: () => [session],
    recordings: createRecordings({ recorder: undefined, folder: undefined, maxBytes: 1 }),
    options,
    version: "1.2.3",
    isSimulator: false,
    transcoder: createTranscoder(),
    caller: {
      async callJson(call) {
        const target = session.findMethod(call.service, call.method);
        calls.push(call);
        const text = Buffer.from(call.body).toString("utf8");
        return {
          json: Buffer.from(JSON.stringify({ got: text })),
          jsonIn: () => Buffer.from(JSON.stringify({ got: text })),
          headers: new Map(),
          trailers: new Map(),
          target,
          requestBytes: 0,
          replyBytes: 0,
          decodeMs: 0,
          upstreamMs: 0,
          encodeMs: 0,
          ...(await init.callJson?.(call)),
        };
      },
    },
  });
  const logger = init.logger ?? silentLogger;
  const handler = createRequestHandler({
    options,
    logger,
    callLog,
    octanes: [
      {
        name: "test",
        routes: [...(init.routes ?? []), ...routes, ...shared.routes],
        upgrades: init.upgrades ?? [],
      },
    ],
    fallback: shared.fallback,
  });
  const server = await createHttpServer({
    options,
    handler,
    logger,
    drainMs: init.drainMs ?? 1_000,
    headersTimeoutMs: init.headersTimeoutMs ?? 10_000,
    requestTimeoutMs: init.requestTimeoutMs ?? 10_000,
    idleTimeoutMs: init.idleTimeoutMs ?? 30_000,
  });
  t.after(() => server.close());
  return { server, callLog, calls };
}

function createSessionStub(): Partial<Session> {
  return {
    name: "test",
    generation: "beta2",
    upstream: { address: "127.0.0.1:51022", state: "ready", lastError: undefined } as Session["upstream"],
    contract: {
      findService: () => ({ kind: "unknown", suggestions: [] }),
    } as unknown as Session["contract"],
    findMethod(service, method) {
      if (service === "Known") return {} as ReturnType<Session["findMethod"]>;
      throw new ProxyError("unknown_service", `there is no service "${service}" (method ${method})`);
    },
  };
}

/** A certificate of nobody's, with its key. */
export function readTestCertificate(): ServerTls {
  const read = (name: string) =>
    readFileSync(new URL(`../../test/fixtures/tls/${name}`, import.meta.url), "utf8");
  return { cert: read("cert.pem"), key: read("key.pem") };
}

/** Sends bytes as they are and resolves with all that comes back until the server closes the connection. */
export function sendRaw(
  port: number,
  text: string | Buffer,
  { end = false, overTls = false } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const plain = { port, host: "127.0.0.1", allowHalfOpen: true };
    const socket = overTls ? connectTls({ ...plain, rejectUnauthorized: false }) : connect(plain);
    socket.once(overTls ? "secureConnect" : "connect", () => {
      socket.write(text);
      if (end) socket.end();
    });
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("end", () => socket.end());
    socket.on("error", (error: NodeJS.ErrnoException) => {
      // A server that refuses the rest of a request may reset the connection after its answer.
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") reject(error);
    });
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("utf8")));
  });
}

/** The JSON after the headers of a raw reply. */
export function bodyOf(reply: string): Record<string, unknown> {
  return JSON.parse(reply.slice(reply.indexOf("\r\n\r\n") + 4)) as Record<string, unknown>;
}

/** A promise that a test settles by hand. */
export function createGate<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
