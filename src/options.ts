import type { Generation } from "./contract/contract.ts";
import type { Logger, LogLevel } from "./observe/logger.ts";

/** All optional; `resolveOptions` validates them and fills the defaults given here. */
export interface ProxyOptions {
  /** Address to listen on. Default `127.0.0.1`; any other needs `token`. */
  host?: string;
  /** Default 51023; 0 takes a free port. */
  port?: number;
  /** `host:port` of Octane's LiveLink. Default: 127.0.0.1:51022, and in a container host.docker.internal:51022. */
  octane?: string;
  /** Start the built-in simulator on a free loopback port and use it as Octane. Default false. */
  simulator?: boolean | SimulatorOptions;
  /** Directories of `.proto` files that overlay the built-in contract. */
  proto?: readonly string[];
  /** Files holding a binary `google.protobuf.FileDescriptorSet`. */
  descriptorSet?: readonly string[];
  /** Ask the upstream for its contract by gRPC server reflection. Default false. */
  reflection?: boolean;
  /** Default `auto`; with `simulator`, auto means beta2. */
  generation?: Generation | "auto";
  /** Origins allowed beside loopback ones, exact (`https://app.example`), or `null`. */
  allowOrigin?: readonly string[];
  /** Host names allowed beside loopback ones, without port. */
  allowHost?: readonly string[];
  /** Bearer token that every request must carry. */
  token?: string;
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
  /** Default `info`. */
  logLevel?: LogLevel;
  /** Default `pretty` on a terminal, else `json`. */
  logFormat?: "pretty" | "json";
  /** Also write JSON lines to this file, rotated. */
  logFile?: string;
  /** Takes the place of the built-in logger; the three options above are then unused. */
  logger?: Logger;
  /** CA, client certificate and key for TLS to Octane. Default: plaintext. */
  octaneTls?: { ca?: string; cert?: string; key?: string; serverName?: string };
  /** Save frames as PNG in this directory. */
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

type Present<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };
type MayStayUnset =
  | "octane"
  | "token"
  | "staticDir"
  | "logFile"
  | "octaneTls"
  | "exportDir"
  | "simulator"
  | "logger";

/** Validated, complete, frozen. What has no default may be undefined. */
export type ResolvedOptions = Present<Omit<ProxyOptions, MayStayUnset>> & {
  readonly octane: string | undefined;
  readonly token: string | undefined;
  readonly staticDir: string | undefined;
  readonly logFile: string | undefined;
  readonly octaneTls: { ca?: string; cert?: string; key?: string; serverName?: string } | undefined;
  readonly exportDir: string | undefined;
  readonly simulator: SimulatorOptions | undefined;
  readonly logger: Logger | undefined;
};
