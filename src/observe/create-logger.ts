import type { Writable } from "node:stream";
import { type Level, pino } from "pino";
import { build as prettyStream } from "pino-pretty";
import { createLogFile, type LogFile } from "./log-file.ts";
import type { Logger, LogLevel } from "./logger.ts";
import { formatPrettyLine } from "./pretty-line.ts";
import { createRepeats, type Repeats } from "./repeats.ts";

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: "pretty" | "json";
  /** Also written as JSON lines to this file, rotated by size. */
  readonly file?: string | undefined;
  /** Default standard error, which leaves standard output to the program's own answers. */
  readonly stream?: Writable;
  /** Texts that never appear in any line, such as the token. */
  readonly secrets?: readonly string[];
}

export interface ClosableLogger extends Logger {
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
  const write = createWriter(options, stream, file);
  const target = pino(
    {
      level: options.level,
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
    ...createAreaLogger(target, repeats, undefined),
    close() {
      repeats.flush();
      closed ??= file?.close() ?? Promise.resolve();
      return closed;
    },
  };
}

/** Kinds that stand for single calls and frames: each has its own line. */
const neverSummarised: ReadonlySet<unknown> = new Set(["request", "response", "error", "frame"]);

function createAreaLogger(target: pino.Logger, repeats: Repeats, area: string | undefined): Logger {
  const log = (
    level: "debug" | "info" | "warn" | "error",
    message: string,
    fields?: Record<string, unknown>,
  ) => {
    if (!target.isLevelEnabled(level)) return;
    const isOwnLine = fields !== undefined && neverSummarised.has(fields.kind);
    if (!isOwnLine && !repeats.admit(level, area, message)) return;
    target[level](area === undefined ? (fields ?? {}) : { area, ...fields }, message);
  };
  return {
    debug: (message, fields) => log("debug", message, fields),
    info: (message, fields) => log("info", message, fields),
    warn: (message, fields) => log("warn", message, fields),
    error: (message, fields) => log("error", message, fields),
    isEnabled: (level) => level !== "silent" && target.isLevelEnabled(level as Level),
    child: (name) => createAreaLogger(target, repeats, area === undefined ? name : `${area}.${name}`),
  };
}

function createWriter(
  { format, secrets = [] }: LoggerOptions,
  stream: Writable,
  file: LogFile | undefined,
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
  };
}

function createPrettyStream(destination: Writable): NodeJS.WritableStream {
  return prettyStream({
    destination,
    colorize: (destination as Partial<NodeJS.WriteStream>).isTTY === true,
    translateTime: "SYS:HH:MM:ss.l",
    hideObject: true,
    ignore: "pid,hostname",
    messageFormat: (record) => formatPrettyLine(record),
  });
}
