import { existsSync, type Stats, statSync } from "node:fs";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Generation } from "./contract/contract.ts";
import type { Logger } from "./observe/logger.ts";
import { type OctaneOptions, type Octanes, resolveOctanes } from "./options/octanes.ts";
import { hiddenValue, OptionError } from "./options/option-error.ts";
import type { OptionRow } from "./options/option-row.ts";
import { commandLineRows, proxyRows } from "./options/option-table.ts";
import { booleanType, hostNameType } from "./options/value-types.ts";
import { suggestName } from "./suggest-name.ts";

export { type OctaneOptions, OptionError };

/** All optional; `resolveOptions` validates them and fills the defaults given here. */
export interface ProxyOptions {
  /** Address to listen on. Default `127.0.0.1`; any other needs `token`. */
  host?: string;
  /** Default 51023; 0 takes a free port. */
  port?: number;
  /** False: no port of its own, only `middleware` and `upgrade` for another server. Default true. */
  listen?: boolean;
  /**
   * `host:port` of Octane's LiveLink; a list of `name=host:port` where there are several, of which the first is the default.
   * Default: 127.0.0.1:51022, and in a container host.docker.internal:51022.
   */
  octane?: string | readonly string[];
  /**
   * Octane may run on the machine around this container: try host.docker.internal as well, where `octane` is not
   * given. Default: whether `/.dockerenv` is there.
   */
  inContainer?: boolean;
  /** Start the built-in simulator on a free loopback port and use it as Octane. Default false. */
  simulator?: boolean | SimulatorOptions;
  /** Directories of `.proto` files that overlay the built-in contract. */
  proto?: readonly string[];
  /** Files holding a binary `google.protobuf.FileDescriptorSet`. */
  descriptorSet?: readonly string[];
  /** Keep what parsing made of `proto` in this directory, by content. Default: nowhere (the command has a default). */
  cacheDir?: string;
  /** Ask the upstream for its contract by gRPC server reflection. Default false. */
  reflection?: boolean;
  /** Default `auto`; with `simulator`, auto means beta2. */
  generation?: Generation | "auto";
  /** The gRPC client towards Octane: the proxy's own, or the library `@grpc/grpc-js`. Default `native`. */
  transport?: Transport;
  /** Origins allowed beside loopback ones, exact (`https://app.example`), or `null`. */
  allowOrigin?: readonly string[];
  /** Host names allowed beside loopback ones, without port. */
  allowHost?: readonly string[];
  /** Bearer token that every request must carry. */
  token?: string;
  /** HTTPS instead of HTTP: certificate (chain) and private key as PEM text. */
  tls?: ServerTls;
  /** Clients may call only methods that are known to change nothing. Default false. */
  readOnly?: boolean;
  /** Deny methods that reach beyond the scene: files, modules, the cloud, closing Octane. Default false. */
  safe?: boolean;
  /** `SERVICE/METHOD` patterns that may be called: alone, no others; with `readOnly` or `safe`, exceptions to them. */
  allowMethod?: readonly string[];
  /** `SERVICE/METHOD` patterns that may never be called. */
  denyMethod?: readonly string[];
  /** Calls under way at once; more wait. Default 512. */
  maxCalls?: number;
  /** The same for one remote address. Default 256. */
  maxCallsPerClient?: number;
  /** Calls that wait at once, half of them of one remote address; more are refused. Default 512. */
  maxQueuedCalls?: number;
  /** How long a call waits to begin, in ms. Default 10000. */
  queueTimeoutMs?: number;
  /** Calls and handshakes of one remote address per second. Default: no limit. */
  maxRate?: number;
  /** Largest message of a client on a WebSocket, in bytes. Default 32 MiB. */
  maxMessageBytes?: number;
  /** For a request's headers to arrive, in ms. Default 10000. */
  headersTimeoutMs?: number;
  /** For a whole request to arrive, in ms. Default 60000. */
  requestTimeoutMs?: number;
  /** Given to running calls at close, in ms. Default 5000. */
  drainTimeoutMs?: number;
  /** Deadline of a call that names none, in ms. Default 30000. */
  timeoutMs?: number;
  /** Largest request body, in bytes. Default 32 MiB. */
  maxBodyBytes?: number;
  /** Refuse unknown fields in requests. Default false. */
  strict?: boolean;
  /** Directory of a front end to serve at `/`. */
  staticDir?: string;
  /** Directory for client logs. Default: a folder of the program in the system's temporary directory. */
  clientLogDir?: string;
  /** `debug`, `info`, `warn`, `error` or `silent`; areas may differ: `info,upstream=debug`. Default `info`. */
  logLevel?: string;
  /** Log calls that take longer as warnings, in ms. Default: none. */
  slowCallMs?: number;
  /** Default `pretty` on a terminal, else `json`. */
  logFormat?: "pretty" | "json";
  /** Also write JSON lines to this file, rotated. */
  logFile?: string;
  /** Takes the place of the built-in logger; `logLevel`, `logFormat` and `logFile` are then unused. */
  logger?: Logger;
  /**
   * TLS to Octane: certificate authorities, client certificate and key as PEM text, and the name expected in
   * Octane's certificate. Empty: TLS with the authorities Node trusts. Default: plaintext.
   */
  octaneTls?: OctaneTls;
  /** Save frames as PNG in this directory; of several Octanes each in a folder of its name. */
  exportDir?: string;
  /** Save every Nth frame. Default 1. */
  exportEvery?: number;
  /** Oldest exports are removed past this many files. Default 1000. */
  exportMaxFiles?: number;
  /** Oldest exports are removed past this many bytes. Default 2 GiB. */
  exportMaxBytes?: number;
  /** Viewers of all kinds at once. Default 64. */
  maxViewers?: number;
  /** Camera poses sent to Octane per second. Default 30. */
  cameraRate?: number;
  /**
   * Record all that passes between the proxy and Octane in this file, which must not be there yet. Of several Octanes each
   * has its own: `session.rec` is `session.NAME.rec`.
   */
  record?: string;
  /**
   * Let clients start and stop recordings, which are kept in this directory; of several Octanes each has a folder of its
   * name. Not together with `record`.
   */
  recordDir?: string;
  /** Recording stops when the file has this size, in bytes. Default 1 GiB. */
  recordMaxBytes?: number;
}

/** Certificates as PEM text; `cert` and `key` come together. */
export interface OctaneTls {
  ca?: string;
  cert?: string;
  key?: string;
  serverName?: string;
}

/** Of the proxy's own HTTP side, as PEM text. */
export interface ServerTls {
  cert: string;
  key: string;
}

export interface SimulatorOptions {
  /** Default `127.0.0.1`. */
  host?: string;
  /** Default 51022 for `octane-proxy simulate`, 0 (a free port) from the API and with `--simulator`. */
  port?: number;
  /** Default `beta2`. */
  generation?: Generation;
  /** Film size, `[width, height]`. Default the scene's, 1024x512. */
  size?: readonly [number, number];
  /** Most new images per second. Default 20. */
  fps?: number;
  /** Exact test images at a fixed rate instead of rendering. */
  pattern?: boolean;
  logger?: Logger;
}

/** Names of gRPC clients. */
export type Transport = "native" | "grpc-js";

type Present<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };
type MayStayUnset =
  | "token"
  | "staticDir"
  | "logFile"
  | "octaneTls"
  | "tls"
  | "maxRate"
  | "slowCallMs"
  | "exportDir"
  | "record"
  | "recordDir"
  | "cacheDir"
  | "simulator"
  | "logger";

/** Validated, complete, frozen. What has no default may be undefined. */
export type ResolvedOptions = Present<Omit<ProxyOptions, MayStayUnset | "octane">> & {
  /** The first is the default. */
  readonly octanes: Octanes;
  readonly token: string | undefined;
  readonly staticDir: string | undefined;
  readonly logFile: string | undefined;
  readonly octaneTls: Readonly<OctaneTls> | undefined;
  readonly tls: Readonly<ServerTls> | undefined;
  readonly maxRate: number | undefined;
  readonly slowCallMs: number | undefined;
  readonly exportDir: string | undefined;
  readonly record: string | undefined;
  readonly recordDir: string | undefined;
  readonly cacheDir: string | undefined;
  readonly simulator: Readonly<SimulatorOptions> | undefined;
  readonly logger: Logger | undefined;
};

/**
 * Checks every option and fills in the defaults; the result is frozen and its paths are absolute.
 * @throws OptionError naming the option, what was given and what is accepted.
 */
export function resolveOptions(options: ProxyOptions): ResolvedOptions {
  refuseUnknownNames("", options, [
    ...Object.keys(proxyRows),
    "listen",
    "inContainer",
    "simulator",
    "octaneTls",
    "tls",
    "logger",
  ]);
  const rows = proxyRows;
  const host = withDefault("host", rows.host, options.host);
  const token = one<string>("token", rows.token, options.token);
  if (!isLoopback(host) && token === undefined) {
    throw new OptionError(
      "host",
      host,
      "a loopback address such as 127.0.0.1, unless a token is set as well",
    );
  }
  const generation = withDefault<Generation | "auto">("generation", rows.generation, options.generation);
  const simulator = resolveSimulator(options.simulator, generation);
  if (simulator !== undefined && options.octane !== undefined) {
    throw new OptionError(
      "octane",
      options.octane,
      "no address together with the simulator: give one or the other",
    );
  }
  const record = path("record", rows.record, options.record, "no file");
  const exportDir = path("exportDir", rows.exportDir, options.exportDir, "new directory");
  const recordDir = path("recordDir", rows.recordDir, options.recordDir, "new directory");
  if (record !== undefined && recordDir !== undefined) {
    throw new OptionError(
      "recordDir",
      options.recordDir,
      "no directory together with a file to record in: record records from the start to the end, recordDir lets clients do it",
    );
  }
  const octanes = resolveOctanes(options.octane, { record, recordDir, exportDir });
  for (const octane of octanes) path("record", rows.record, octane.record, "no file");
  return Object.freeze({
    host,
    port: withDefault<number>("port", rows.port, options.port),
    listen: one<boolean>("listen", { type: booleanType }, options.listen) ?? true,
    octanes,
    inContainer:
      one<boolean>("inContainer", { type: booleanType }, options.inContainer) ?? existsSync("/.dockerenv"),
    simulator,
    proto: directories("proto", rows.proto, options.proto),
    descriptorSet: many("descriptorSet", rows.descriptorSet, options.descriptorSet).map((path) =>
      existing("descriptorSet", path, "file"),
    ),
    reflection: withDefault<boolean>("reflection", rows.reflection, options.reflection),
    generation: simulator?.generation ?? generation,
    transport: withDefault<Transport>("transport", rows.transport, options.transport),
    allowOrigin: many("allowOrigin", rows.allowOrigin, options.allowOrigin),
    allowHost: many("allowHost", rows.allowHost, options.allowHost),
    token,
    tls: resolveServerTls(options.tls),
    readOnly: withDefault<boolean>("readOnly", rows.readOnly, options.readOnly),
    safe: withDefault<boolean>("safe", rows.safe, options.safe),
    allowMethod: many("allowMethod", rows.allowMethod, options.allowMethod),
    denyMethod: many("denyMethod", rows.denyMethod, options.denyMethod),
    maxCalls: withDefault<number>("maxCalls", rows.maxCalls, options.maxCalls),
    maxCallsPerClient: withDefault<number>(
      "maxCallsPerClient",
      rows.maxCallsPerClient,
      options.maxCallsPerClient,
    ),
    maxQueuedCalls: withDefault<number>("maxQueuedCalls", rows.maxQueuedCalls, options.maxQueuedCalls),
    queueTimeoutMs: withDefault<number>("queueTimeoutMs", rows.queueTimeoutMs, options.queueTimeoutMs),
    maxRate: one<number>("maxRate", rows.maxRate, options.maxRate),
    maxMessageBytes: withDefault<number>("maxMessageBytes", rows.maxMessageBytes, options.maxMessageBytes),
    headersTimeoutMs: withDefault<number>(
      "headersTimeoutMs",
      rows.headersTimeoutMs,
      options.headersTimeoutMs,
    ),
    requestTimeoutMs: withDefault<number>(
      "requestTimeoutMs",
      rows.requestTimeoutMs,
      options.requestTimeoutMs,
    ),
    drainTimeoutMs: withDefault<number>("drainTimeoutMs", rows.drainTimeoutMs, options.drainTimeoutMs),
    timeoutMs: withDefault<number>("timeoutMs", rows.timeoutMs, options.timeoutMs),
    maxBodyBytes: withDefault<number>("maxBodyBytes", rows.maxBodyBytes, options.maxBodyBytes),
    strict: withDefault<boolean>("strict", rows.strict, options.strict),
    staticDir: path("staticDir", rows.staticDir, options.staticDir, "directory"),
    clientLogDir:
      path("clientLogDir", rows.clientLogDir, options.clientLogDir, "new directory") ?? privateDir(),
    logLevel: withDefault<string>("logLevel", rows.logLevel, options.logLevel),
    slowCallMs: one<number>("slowCallMs", rows.slowCallMs, options.slowCallMs),
    logFormat:
      one<"pretty" | "json">("logFormat", rows.logFormat, options.logFormat) ??
      (process.stderr.isTTY ? "pretty" : "json"),
    logFile: path("logFile", rows.logFile, options.logFile, "new file"),
    logger: options.logger,
    octaneTls: resolveTls(options.octaneTls),
    exportDir,
    exportEvery: withDefault<number>("exportEvery", rows.exportEvery, options.exportEvery),
    exportMaxFiles: withDefault<number>("exportMaxFiles", rows.exportMaxFiles, options.exportMaxFiles),
    exportMaxBytes: withDefault<number>("exportMaxBytes", rows.exportMaxBytes, options.exportMaxBytes),
    maxViewers: withDefault<number>("maxViewers", rows.maxViewers, options.maxViewers),
    cameraRate: withDefault<number>("cameraRate", rows.cameraRate, options.cameraRate),
    record,
    recordDir,
    cacheDir: path("cacheDir", rows.cacheDir, options.cacheDir, "new directory"),
    recordMaxBytes: withDefault<number>("recordMaxBytes", rows.recordMaxBytes, options.recordMaxBytes),
  });
}

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host.toLowerCase() === "localhost" || (isIP(host) === 4 ? host.startsWith("127.") : host === "::1");
}

function resolveSimulator(
  given: ProxyOptions["simulator"],
  generation: Generation | "auto",
): Readonly<SimulatorOptions> | undefined {
  if (given === undefined || given === false) return undefined;
  const options: SimulatorOptions = given === true ? {} : given;
  if (typeof options !== "object" || options === null) {
    throw new OptionError("simulator", given, "true, false or an object with the simulator's options");
  }
  refuseUnknownNames("simulator.", options, [
    "host",
    "port",
    "generation",
    "size",
    "fps",
    "pattern",
    "logger",
  ]);
  const { simulatorHost, simulatorPort, size, fps, pattern } = commandLineRows;
  const own =
    one<Generation | "auto">("simulator.generation", proxyRows.generation, options.generation) ?? "auto";
  const wanted = own === "auto" ? generation : own;
  if (generation !== "auto" && wanted !== generation) {
    throw new OptionError("simulator.generation", own, `the same as the option generation, ${generation}`);
  }
  const film = one<readonly [number, number]>("simulator.size", size, options.size);
  return Object.freeze({
    host: withDefault<string>("simulator.host", simulatorHost, options.host),
    port: one<number>("simulator.port", simulatorPort, options.port) ?? 0,
    generation: wanted === "auto" ? "beta2" : wanted,
    ...(film === undefined ? {} : { size: film }),
    fps: withDefault<number>("simulator.fps", fps, options.fps),
    pattern: withDefault<boolean>("simulator.pattern", pattern, options.pattern),
    ...(options.logger === undefined ? {} : { logger: options.logger }),
  });
}

function resolveTls(given: ProxyOptions["octaneTls"]): Readonly<OctaneTls> | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== "object" || given === null) {
    throw new OptionError("octaneTls", given, "an object with ca, cert, key and serverName, all optional");
  }
  refuseUnknownNames("octaneTls.", given, ["ca", "cert", "key", "serverName"]);
  for (const name of ["ca", "cert", "key"] as const) {
    const pem = given[name];
    if (pem !== undefined && !(typeof pem === "string" && pem.includes("-----BEGIN "))) {
      throw new OptionError(`octaneTls.${name}`, hiddenValue, "PEM text, with a line that starts -----BEGIN");
    }
  }
  if ((given.cert === undefined) !== (given.key === undefined)) {
    const missing = given.cert === undefined ? "cert" : "key";
    throw new OptionError(`octaneTls.${missing}`, undefined, "certificate and key together");
  }
  const serverName = given.serverName;
  if (serverName !== undefined && hostNameType.take(serverName) === undefined) {
    throw new OptionError("octaneTls.serverName", serverName, hostNameType.accepted);
  }
  return Object.freeze({ ...given });
}

function resolveServerTls(given: ProxyOptions["tls"]): Readonly<ServerTls> | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== "object" || given === null) {
    throw new OptionError("tls", hiddenValue, "an object with cert and key");
  }
  refuseUnknownNames("tls.", given, ["cert", "key"]);
  for (const name of ["cert", "key"] as const) {
    const pem: unknown = given[name];
    if (!(typeof pem === "string" && pem.includes("-----BEGIN "))) {
      throw new OptionError(`tls.${name}`, hiddenValue, "PEM text, with a line that starts -----BEGIN");
    }
  }
  try {
    // Loaded where it is used: few need it, and it takes a while.
    process.getBuiltinModule("node:tls").createSecureContext(given);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OptionError("tls.cert", hiddenValue, `a certificate and its private key; ${reason}`);
  }
  return Object.freeze({ ...given });
}

function refuseUnknownNames(prefix: string, given: object, known: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const closest = suggestName(name, known);
    const hint = closest === undefined ? `one of ${known.join(", ")}` : `perhaps ${prefix}${closest}`;
    throw new OptionError(
      `${prefix}${name}`,
      (given as Record<string, unknown>)[name],
      `no option of this name; ${hint}`,
    );
  }
}

type Checked<T> = Pick<OptionRow<T>, "type" | "isSecret">;

/** The checked value, or undefined where none was given. */
function one<T>(name: string, row: Checked<T>, given: unknown): T | undefined {
  return given === undefined ? undefined : checked(name, row, given);
}

function checked<T>(name: string, row: Checked<T>, given: unknown): T {
  const value = row.type.take(given);
  if (value === undefined) {
    throw new OptionError(
      name,
      row.isSecret ? hiddenValue : given,
      row.type.acceptedValue ?? row.type.accepted,
    );
  }
  return value;
}

function withDefault<T>(name: string, row: OptionRow<T> & { readonly default: T }, given: unknown): T {
  return one(name, row, given) ?? row.default;
}

function many(name: string, row: OptionRow<string>, given: unknown): readonly string[] {
  if (given === undefined) return Object.freeze([]);
  if (!Array.isArray(given)) throw new OptionError(name, given, `a list, each ${row.type.accepted}`);
  return Object.freeze([...new Set(given.map((item) => checked(name, row, item)))]);
}

function directories(name: string, row: OptionRow<string>, given: unknown): readonly string[] {
  return Object.freeze(many(name, row, given).map((item) => existing(name, item, "directory")));
}

/** "no file": nothing may be there, since what is written must not replace it. */
type PathKind = "directory" | "file" | "new directory" | "new file" | "no file";

function path(name: string, row: OptionRow<string>, given: unknown, kind: PathKind): string | undefined {
  const value = one(name, row, given);
  return value === undefined ? undefined : existing(name, value, kind);
}

/** The absolute path, when what is there is of that kind; a new one need not be there yet. */
function existing(name: string, given: string, kind: PathKind): string {
  const absolute = resolve(given);
  const found = look(name, given, absolute);
  if (kind === "no file") {
    if (found === undefined) return absolute;
    throw new OptionError(name, given, `a file that is not there yet; ${absolute} is there: move it away`);
  }
  const isNew = kind.startsWith("new ");
  const wanted = isNew ? kind.slice(4) : kind;
  if (found === undefined) {
    if (isNew) return absolute;
    throw new OptionError(name, given, `an existing ${wanted}; there is nothing at ${absolute}`);
  }
  if (wanted === "directory" ? found.isDirectory() : !found.isDirectory()) return absolute;
  throw new OptionError(
    name,
    given,
    `a ${wanted}; ${absolute} is a ${wanted === "file" ? "directory" : "file"}`,
  );
}

function look(name: string, given: string, absolute: string): Stats | undefined {
  try {
    return statSync(absolute, { throwIfNoEntry: false });
  } catch (error) {
    throw new OptionError(name, given, `a path that can be read; ${(error as Error).message}`);
  }
}

/** One folder per user, so that on a shared machine nobody meets another's logs. */
function privateDir(): string {
  return join(tmpdir(), `octane-proxy-${process.getuid?.() ?? "logs"}`);
}
