import { createRequire } from "node:module";
import type { Writable } from "node:stream";
import { pino } from "pino";
import type { build } from "pino-pretty";
import { createLogFile, type LogFile } from "./log-file.ts";
import {
  acceptedLogLevels,
  formatLogLevels,
  type LogLevels,
  levelOfArea,
  parseLogLevels,
} from "./log-levels.ts";
import { createLogTail, type LogTail } from "./log-tail.ts";
import { type Logger, type LogLevel, logLevels } from "./logger.ts";
import { formatPrettyLine } from "./pretty-line.ts";
import { createRepeats, type Repeats } from "./repeats.ts";

export interface LoggerOptions {
  /** `info`, or with areas that differ: `info,upstream=debug`. */
  readonly level: string;
  readonly format: "pretty" | "json";
  /** Also written as JSON lines to this file, rotated by size. */
  readonly file?: string | undefined;
  /** Default standard error, which leaves standard output to the program's own answers. */
  readonly stream?: Writable;
  /** Texts that never appear in any line, such as the token. */
  readonly secrets?: readonly string[];
}

export interface ClosableLogger extends Logger {
  /** As given, in normal form. May be set while it runs. @throws RangeError for a text that is no such level */
  level: string;
  /** The last lines, without secrets. */
  readonly tail: LogTail;
  /** Writes what is still held back. Idempotent; lines logged later are lost. */
  close(): Promise<void>;
}

const maxWaitingBytes = 8 * 1024 * 1024;
const redactedKeys = ["authorization", "token", "cookie", "password"];
const redactedPaths = [
  ...redactedKeys,
  ...redactedKeys.map((key) => `*.${key}`),
  ...["authorization", "cookie", "set-cookie"].map((key) => `headers["${key}"]`),
  '["set-cookie"]',
];

/**
 * The built-in logger: pretty lines with signs for people, JSON lines for machines. Lines about calls are all
 * written; other lines that repeat within ten seconds are summarised.
 */
export function createLogger(options: LoggerOptions): ClosableLogger {
  const stream = options.stream ?? process.stderr;
  const file =
    options.file === undefined
      ? undefined
      : createLogFile(options.file, {
          onError: (error) => stream.write(`cannot write the log file: ${error.message}\n`),
        });
  const tail = createLogTail();
  const write = createWriter(options, stream, file, tail);
  const levels: { current: LogLevels } = { current: readLevels(options.level) };
  const target = pino(
    {
      // Areas differ in their level, so it is looked at before.
      level: "debug",
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths, censor: "[redacted]" },
    },
    { write },
  );
  const repeats = createRepeats(({ level, area, message, count }) => {
    target[level](
      { ...(area === undefined ? {} : { area }), repeated: count },
      `repeated ${count} times: ${message}`,
    );
  });
  let closed: Promise<void> | undefined;
  return {
    ...createAreaLogger({ target, repeats, levels }, undefined),
    tail,
    get level() {
      return formatLogLevels(levels.current);
    },
    set level(text) {
      levels.current = readLevels(text);
    },
    close() {
      repeats.flush();
      closed ??= file?.close() ?? Promise.resolve();
      return closed;
    },
  };
}

/** Kinds that stand for single calls and frames: each has its own line. */
const neverSummarised: ReadonlySet<unknown> = new Set(["request", "response", "error", "frame"]);

interface AreaLoggerInit {
  readonly target: pino.Logger;
  readonly repeats: Repeats;
  /** Replaced when the levels change. */
  readonly levels: { readonly current: LogLevels };
}

function createAreaLogger(init: AreaLoggerInit, area: string | undefined): Logger {
  const { target, repeats, levels } = init;
  let known: LogLevels | undefined;
  let lowest = 0;
  const isEnabled = (level: LogLevel): boolean => {
    if (known !== levels.current) {
      known = levels.current;
      lowest = logLevels.indexOf(levelOfArea(known, area));
    }
    return level !== "silent" && logLevels.indexOf(level) >= lowest;
  };
  const log = (
    level: "debug" | "info" | "warn" | "error",
    message: string,
    fields?: Record<string, unknown>,
  ) => {
    if (!isEnabled(level)) return;
    const isOwnLine = fields !== undefined && neverSummarised.has(fields.kind);
    if (!isOwnLine && !repeats.admit(level, area, message)) return;
    target[level](area === undefined ? (fields ?? {}) : { area, ...fields }, message);
  };
  return {
    debug: (message, fields) => log("debug", message, fields),
    info: (message, fields) => log("info", message, fields),
    warn: (message, fields) => log("warn", message, fields),
    error: (message, fields) => log("error", message, fields),
    isEnabled,
    child: (name) => createAreaLogger(init, area === undefined ? name : `${area}.${name}`),
  };
}

function readLevels(text: string): LogLevels {
  const levels = parseLogLevels(text);
  if (levels === undefined) {
    throw new RangeError(`expected ${acceptedLogLevels}; got ${JSON.stringify(text.slice(0, 100))}`);
  }
  return levels;
}

function createWriter(
  { format, secrets = [] }: LoggerOptions,
  stream: Writable,
  file: LogFile | undefined,
  tail: LogTail,
): (line: string) => void {
  const hidden = secrets
    .filter((secret) => secret !== "")
    .map((secret) => JSON.stringify(secret).slice(1, -1));
  const screen = format === "json" ? stream : createPrettyStream(stream);
  return (line) => {
    const safe = hidden.reduce((text, secret) => text.replaceAll(secret, "[redacted]"), line);
    // A terminal or pipe that nobody reads must not fill the memory: its lines are lost, the file has them.
    if ((stream.writableLength ?? 0) < maxWaitingBytes) screen.write(safe);
    file?.write(safe);
    tail.add(safe);
  };
}

/** Its library is loaded for those who read the log on a screen; a service writes JSON. */
function createPrettyStream(destination: Writable): NodeJS.WritableStream {
  const pretty = createRequire(import.meta.url)("pino-pretty") as { readonly build: typeof build };
  return pretty.build({
    destination,
    colorize: (destination as Partial<NodeJS.WriteStream>).isTTY === true,
    translateTime: "SYS:HH:MM:ss.l",
    hideObject: true,
    ignore: "pid,hostname",
    messageFormat: (record) => formatPrettyLine(record),
  });
}
