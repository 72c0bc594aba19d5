import { type Closers, closeInTurn } from "./closers.ts";
import { createLateHandler } from "./http/late-handler.ts";
import { createCallLimits } from "./http/limits.ts";
import { createMiddleware, type Middleware, type UpgradeListener } from "./http/middleware.ts";
import { createHttpServer } from "./http/server.ts";
import { type ClosableLogger, createLogger } from "./observe/create-logger.ts";
import { type Logger, silentLogger } from "./observe/logger.ts";
import { type ProxyOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import type { ProxyParts } from "./proxy-parts.ts";

export type { Middleware, UpgradeListener };

/** A running proxy. */
export interface ProxyHandle {
  /** `http://HOST:PORT`, `https://` with `tls`; empty with `listen: false`. */
  readonly url: string;
  /** 0 with `listen: false`. */
  readonly port: number;
  /**
   * For another server (connect, Express, Vite, `node:http`): answers the proxy's own paths, calls `next` for all
   * others. Independent of `this`. To stand before body parsers.
   */
  readonly middleware: Middleware;
  /** For another server's `upgrade` event: true when it took the socket. Independent of `this`. */
  readonly upgrade: UpgradeListener;
  /** Resolves when Octane (or the simulator) answers; rejects when the signal aborts. */
  ready(signal?: AbortSignal): Promise<void>;
  /** Finishes what has begun, within a bound, and frees everything. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts a proxy; it serves whether or not Octane is there.
 * @throws OptionError for a wrong option, ContractSourceError for a contract source that cannot be used, Error when the
 * port cannot be had.
 */
export async function createProxy(options: ProxyOptions = {}): Promise<ProxyHandle> {
  const { url, port, parts, close } = await openProxy(options);
  try {
    const { handler, ready } = await parts;
    return { url, port, ...createMiddleware(handler), ready, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A proxy whose port is open. Requests wait where its parts are still being joined. */
export interface OpenProxy extends Pick<ProxyHandle, "url" | "port" | "close"> {
  readonly parts: Promise<ProxyParts>;
}

/**
 * Opens the port, before the parts behind it are even loaded where nothing of theirs can fail: that takes longer than all
 * else. @throws as `createProxy`
 */
export async function openProxy(options: ProxyOptions): Promise<OpenProxy> {
  const resolved = resolveOptions(options);
  const closers: Closers = [];
  try {
    return await open(resolved, closers);
  } catch (error) {
    await closeInTurn(closers);
    throw error;
  }
}

async function open(options: ResolvedOptions, closers: Closers): Promise<OpenProxy> {
  const ownLogger = options.logger === undefined ? startLogger(options, closers) : undefined;
  const logger: Logger = options.logger ?? ownLogger ?? silentLogger;
  const limits = createCallLimits(options);
  const isPartsFirst = canFail(options);
  let begin: () => void = () => undefined;
  const parts = new Promise<void>((resolve) => {
    begin = resolve;
  }).then(async () => {
    const { joinParts } = await import("./proxy-parts.ts");
    return joinParts({ options, logger, ownLogger, limits });
  });
  const closeParts = async () => (await settled(parts))?.close();
  if (isPartsFirst) {
    closers.push(closeParts);
    begin();
    await parts;
  }
  const server = options.listen
    ? await createHttpServer({
        options,
        handler: createLateHandler(parts.then(({ handler }) => handler)),
        logger: logger.child("http"),
        drainMs: options.drainTimeoutMs,
        headersTimeoutMs: options.headersTimeoutMs,
        requestTimeoutMs: options.requestTimeoutMs,
        counters: limits.counters,
      })
    : undefined;
  if (!isPartsFirst) {
    closers.push(closeParts);
    // Not at once: who waits for the port is told first.
    setImmediate(begin);
  }
  if (server !== undefined) closers.push(() => server.close());
  let closing: Promise<void> | undefined;
  return {
    url: server?.url ?? "",
    port: server?.port ?? 0,
    parts,
    close: () => {
      closing ??= closeInTurn(closers);
      return closing;
    },
  };
}

/** Whether more than the port can be missing: the caller is to hear of it before anything is served. */
function canFail({ proto, descriptorSet, simulator, octanes }: ResolvedOptions): boolean {
  const records = octanes.some(({ record }) => record !== undefined);
  return proto.length > 0 || descriptorSet.length > 0 || simulator !== undefined || records;
}

/** Undefined for one that fails: somebody else is told. */
function settled<T>(promise: Promise<T>): Promise<T | undefined> {
  return promise.catch(() => undefined);
}

function startLogger(options: ResolvedOptions, closers: Closers): ClosableLogger {
  const logger = createLogger({
    level: options.logLevel,
    format: options.logFormat,
    file: options.logFile,
    secrets: options.token === undefined ? [] : [options.token],
  });
  closers.push(() => logger.close());
  return logger;
}
