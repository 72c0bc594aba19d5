import { type ClientHttp2Session, connect } from "node:http2";
import { formatAddress, type UpstreamAddress } from "./candidates.ts";

/** PEM texts for TLS and mutual TLS to Octane. */
export interface UpstreamTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Name expected in the server's certificate, where it is not the host's. */
  readonly serverName?: string;
}

export interface HeartbeatOptions {
  readonly address: UpstreamAddress;
  readonly tls?: UpstreamTls | undefined;
  /** Between two signs of life asked for. */
  readonly pingMs: number;
  /** For one answer, and for making a connection. */
  readonly timeoutMs: number;
  /** Gives up connecting. */
  readonly signal: AbortSignal;
  /**
   * Called once when the server no longer answers; not after `close`. `isSilent`: it still takes connections, but
   * says nothing, so that calls on it would wait for ever.
   */
  readonly onLost: (reason: string, isSilent: boolean) => void;
}

class Silence extends Error {}

export interface Heartbeat {
  /** Idempotent; sockets and timers are gone afterwards. */
  close(): void;
}

/**
 * gRPC servers written in C++ close a connection that sends more than three PINGs without any data between (gRPC
 * core, `GRPC_ARG_HTTP2_MAX_PING_STRIKES`), and cut the calls on it. So the PINGs go over a connection of their
 * own, which is replaced before it uses up that allowance. The SETTINGS of a fresh connection are a sign of life too.
 */
const pingsPerConnection = 2;

/** Resolves when an HTTP/2 server answers at the address, and then watches that it goes on answering. */
export async function openHeartbeat(options: HeartbeatOptions): Promise<Heartbeat> {
  const first = await openSession(options, options.signal);
  const closing = new AbortController();
  void watch(first, options, closing.signal);
  return { close: () => closing.abort() };
}

/** Runs until closed or lost; never rejects. */
async function watch(
  first: ClientHttp2Session,
  options: HeartbeatOptions,
  closed: AbortSignal,
): Promise<void> {
  let session = first;
  try {
    for (;;) {
      const openedAt = performance.now();
      await pingUntilSpent(session, options, closed);
      session.destroy();
      if (closed.aborted) return;
      // A server that drops the connection at once must not be asked in a tight loop.
      if (performance.now() - openedAt < options.pingMs / 2) await pause(options.pingMs, undefined, closed);
      if (closed.aborted) return;
      session = await openSession(options, closed);
    }
  } catch (error) {
    if (!closed.aborted) {
      options.onLost(error instanceof Error ? error.message : String(error), error instanceof Silence);
    }
  } finally {
    session.destroy();
  }
}

/** Resolves when the connection closed or has had its PINGs; rejects when one stays unanswered. */
async function pingUntilSpent(
  session: ClientHttp2Session,
  options: HeartbeatOptions,
  closed: AbortSignal,
): Promise<void> {
  for (let sent = 0; sent < pingsPerConnection; sent++) {
    await pause(options.pingMs, session, closed);
    if (closed.aborted || session.closed || session.destroyed) return;
    await ping(session, options.timeoutMs, closed);
  }
  await pause(options.pingMs, session, closed);
}

function ping(session: ClientHttp2Session, timeoutMs: number, closed: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let late: NodeJS.Immediate | undefined;
    const done = (): void => {
      clearTimeout(timer);
      clearImmediate(late);
      closed.removeEventListener("abort", done);
      resolve();
    };
    const giveUp = (): void => {
      closed.removeEventListener("abort", done);
      reject(new Silence(`no answer to an HTTP/2 PING within ${timeoutMs} ms`));
    };
    // A process that was held up itself, or slept, reads first what has arrived meanwhile.
    const timer = setTimeout(() => {
      late = setImmediate(giveUp);
    }, timeoutMs);
    closed.addEventListener("abort", done);
    // A failed PING means a closed connection: the next one that is opened tells whether the server is gone.
    if (!session.ping(done)) done();
  });
}

/** Resolves after the time, or as soon as the session closes or the signal aborts. */
function pause(ms: number, session: ClientHttp2Session | undefined, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (closed.aborted || session?.closed || session?.destroyed) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      session?.off("close", done);
      closed.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    session?.on("close", done);
    closed.addEventListener("abort", done);
  });
}

/** Resolves with the server's SETTINGS received. */
function openSession(options: HeartbeatOptions, signal: AbortSignal): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const { tls, timeoutMs } = options;
    const authority = `${tls === undefined ? "http" : "https"}://${formatAddress(options.address)}`;
    const session = connect(authority, {
      ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
      ...(tls?.key === undefined ? {} : { key: tls.key }),
      ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
      settings: { enablePush: false },
    });
    const fail = (reason: Error | string): void => {
      settle();
      session.destroy();
      reject(typeof reason === "string" ? new Error(reason) : reason);
    };
    const onAbort = (): void => fail("given up");
    const onClose = (): void => fail("the connection was closed before an HTTP/2 server answered");
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      session.off("close", onClose);
    };
    const timer = setTimeout(
      () => fail(new Silence(`no HTTP/2 server answered within ${timeoutMs} ms`)),
      timeoutMs,
    );
    signal.addEventListener("abort", onAbort);
    session.on("close", onClose);
    // Stays for the session's life: later errors are followed by `close`, which the watcher sees.
    session.on("error", (error: Error) => fail(describe(error)));
    session.once("remoteSettings", () => {
      settle();
      resolve(session);
    });
    if (signal.aborted) onAbort();
  });
}

function describe(error: Error & { code?: unknown }): string {
  if (error.code === "ERR_HTTP2_ERROR") return "something answers there, but it is no gRPC (HTTP/2) server";
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.map((each) => (each instanceof Error ? each.message : String(each))).join("; ");
  }
  return error.message;
}
