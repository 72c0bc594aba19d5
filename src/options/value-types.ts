import { isIP } from "node:net";
import { acceptedLogLevels, formatLogLevels, parseLogLevels } from "../observe/log-levels.ts";

/** One kind of option value: how it is written, what it means, what is accepted. */
export interface ValueType<T> {
  /** What a text may be, for messages: `a port from 0 to 65535`. */
  readonly accepted: string;
  /** What a value from code may be, where that differs from the text form. */
  readonly acceptedValue?: string;
  /** Meaning of the text form; undefined when it is not acceptable. */
  read(text: string): T | undefined;
  /** The value in normal form when it is acceptable as it comes from code; else undefined. */
  take(value: unknown): T | undefined;
  /** The text form of a value. */
  write(value: T): string;
}

function textual(accepted: string, read: (text: string) => string | undefined): ValueType<string> {
  return {
    accepted,
    read,
    take: (value) => (typeof value === "string" ? read(value) : undefined),
    write: (value) => value,
  };
}

/** Any text that is not empty. */
export const textType = textual("text that is not empty", (text) => (text === "" ? undefined : text));

/** A path in the file system. Whether something is there is checked when options are resolved. */
export function pathType(of: string): ValueType<string> {
  return textual(`the path of ${of}`, (text) => (text === "" || text.includes("\0") ? undefined : text));
}

export const booleanType: ValueType<boolean> = {
  accepted: "true or false (also 1 or 0, yes or no, on or off)",
  acceptedValue: "true or false",
  read: (text) => booleanWords.get(text.trim().toLowerCase()),
  take: (value) => (typeof value === "boolean" ? value : undefined),
  write: String,
};

const booleanWords = new Map([
  ...["true", "1", "yes", "on"].map((word) => [word, true] as const),
  ...["false", "0", "no", "off"].map((word) => [word, false] as const),
]);

/** One of a few words. */
export function choiceType<const T extends string>(words: readonly T[]): ValueType<T> {
  const find = (text: string) => words.find((word) => word === text);
  return {
    accepted: `one of ${words.join(", ")}`,
    read: find,
    take: (value) => (typeof value === "string" ? find(value) : undefined),
    write: (value) => value,
  };
}

/** A whole number within bounds, both included. */
export function integerType(min: number, max: number, of = "a whole number"): ValueType<number> {
  return numberType(/^[+-]?\d{1,16}$/, min, max, `${of} from ${min} to ${max}`, Number.isSafeInteger);
}

/** A number above zero, fractions allowed. */
export function rateType(max: number): ValueType<number> {
  return numberType(
    /^\d{0,9}(\.\d{1,9})?$/,
    Number.MIN_VALUE,
    max,
    `a number above 0, at most ${max}`,
    Number.isFinite,
  );
}

/** How many times as fast; Infinity is written `max`. */
export const speedType: ValueType<number> = {
  accepted: "a number above 0, at most 1000, or max",
  read: (text) => (text.trim() === "max" ? Number.POSITIVE_INFINITY : rateType(1000).read(text)),
  take: (value) => (value === Number.POSITIVE_INFINITY ? value : rateType(1000).take(value)),
  write: (value) => (value === Number.POSITIVE_INFINITY ? "max" : String(value)),
};

function numberType(
  form: RegExp,
  min: number,
  max: number,
  accepted: string,
  isKind: (value: unknown) => boolean,
): ValueType<number> {
  const take = (value: unknown) =>
    typeof value === "number" && isKind(value) && value >= min && value <= max ? value : undefined;
  return {
    accepted,
    read: (text) => (text.trim() !== "" && form.test(text.trim()) ? take(Number(text.trim())) : undefined),
    take,
    write: String,
  };
}

const durationUnits = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["min", 60_000],
  ["h", 3_600_000],
]);

/** Milliseconds, written with a unit: a bare number would leave open whether seconds were meant. */
export const durationType: ValueType<number> = {
  accepted: "a duration with its unit, such as 500ms, 30s or 2m, from 1ms to 24h",
  acceptedValue: "a whole number of milliseconds from 1 to 86400000",
  read: (text) => readAmount(text, durationUnits, durationType),
  take: (value) =>
    Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= 86_400_000
      ? Number(value)
      : undefined,
  write: (value) =>
    writeAmount(value, [
      ["m", 60_000],
      ["s", 1000],
      ["ms", 1],
    ]),
};

const sizeUnits = new Map([
  ["", 1],
  ["b", 1],
  ...["k", "kb", "kib"].map((unit) => [unit, 1024] as const),
  ...["m", "mb", "mib"].map((unit) => [unit, 1024 ** 2] as const),
  ...["g", "gb", "gib"].map((unit) => [unit, 1024 ** 3] as const),
  ...["t", "tb", "tib"].map((unit) => [unit, 1024 ** 4] as const),
]);

/** Bytes; `kb`, `mb`, `gb` count in 1024s. */
export function sizeType(max: number): ValueType<number> {
  const largest = writeSize(max);
  const type: ValueType<number> = {
    accepted: `a size such as 500kb, 32mb, 1gb or a plain number of bytes, from 1 to ${largest}`,
    acceptedValue: `a whole number of bytes from 1 to ${max}`,
    read: (text) => readAmount(text, sizeUnits, type),
    take: (value) =>
      Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= max ? Number(value) : undefined,
    write: writeSize,
  };
  return type;
}

function writeSize(bytes: number): string {
  return writeAmount(bytes, [
    ["tb", 1024 ** 4],
    ["gb", 1024 ** 3],
    ["mb", 1024 ** 2],
    ["kb", 1024],
    ["", 1],
  ]);
}

function readAmount(
  text: string,
  units: ReadonlyMap<string, number>,
  type: ValueType<number>,
): number | undefined {
  const parts = /^(\d{1,15}(?:\.\d{1,6})?)\s*([a-z]*)$/.exec(text.trim().toLowerCase());
  const unit = units.get(parts?.[2] ?? "none");
  return unit === undefined ? undefined : type.take(Math.round(Number(parts?.[1]) * unit));
}

function writeAmount(value: number, units: readonly (readonly [string, number])[]): string {
  const [unit, factor] = units.find(([, size]) => value >= size && value % size === 0) ?? ["", 1];
  return `${value / factor}${unit}`;
}

/** An address to listen on: IP address or host name, without a port. IPv6 may stand in brackets. */
export const listenHostType = textual(
  "an IP address or host name without a port, such as 127.0.0.1",
  (text) => {
    const host = unbracketed(text.trim());
    return isIP(host) !== 0 || isHostName(host) ? host : undefined;
  },
);

/** `host:port` of a gRPC server; without a port the one LiveLink uses. */
export const octaneAddressType = textual(
  "HOST:PORT without a scheme, such as 127.0.0.1:51022 or [::1]:51022 (without :PORT it is 51022)",
  (text) => {
    const parts = /^(\[[0-9a-f:.%a-z]+\]|[^\s:/[\]@]+)(?::(\d{1,5}))?$/i.exec(text.trim());
    const host = unbracketed(parts?.[1] ?? "");
    const port = Number(parts?.[2] ?? 51022);
    const isHost = isIP(host) !== 0 || (isHostName(host) && !/^[\d.]+$/.test(host));
    if (!isHost || port < 1 || port > 65535) return undefined;
    return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  },
);

/** A name that may stand in a path and in the name of a file. */
export function isPlainName(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text);
}

/** Where an Octane is, and what it is called where there are several: `host:port` or `name=host:port`. */
export const octaneType = textual(
  "HOST:PORT, or NAME=HOST:PORT where there are several: no scheme, 51022 where there is no :PORT, a name of 1 to 64 letters, digits, _ and -; such as 127.0.0.1:51022 or studio=[::1]:51022",
  (text) => {
    const { name, address } = splitOctane(text.trim());
    const normal = octaneAddressType.read(address);
    if (normal === undefined || (name !== undefined && !isPlainName(name))) return undefined;
    return name === undefined ? normal : `${name}=${normal}`;
  },
);

/** The two parts of what `octaneType` accepts. */
export function splitOctane(text: string): { readonly name: string | undefined; readonly address: string } {
  const end = text.indexOf("=");
  return end < 0
    ? { name: undefined, address: text }
    : { name: text.slice(0, end), address: text.slice(end + 1) };
}

/** A web origin, exact; the word `null` stands for pages without one. */
export const originType = textual(
  "an exact origin such as https://app.example or http://10.0.0.5:8080 (no path, no *), or null",
  (text) => {
    const origin = text.trim();
    if (origin === "null") return origin;
    if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*]+\/?$/i.test(origin) || !URL.canParse(origin)) return undefined;
    const normal = new URL(origin).origin;
    // schemes of desktop shells (app://, tauri://) have an opaque origin in the URL standard, yet browsers send them
    return normal === "null" ? origin.replace(/\/$/, "").toLowerCase() : normal;
  },
);

/** Where a proxy answers; a path of its own is kept. */
export const proxyUrlType = textual("an http or https URL, such as http://127.0.0.1:51023", (text) => {
  if (!/^https?:\/\//i.test(text.trim()) || !URL.canParse(text.trim())) return undefined;
  const { origin, pathname, search, hash, username } = new URL(text.trim());
  return search + hash + username === "" ? `${origin}${pathname}`.replace(/\/+$/, "") : undefined;
});

/** A name that may stand in the Host header, without its port. */
export const hostNameType = textual(
  "a host name or IP address without scheme and port, such as render-box, 192.168.1.20 or 2001:db8::1",
  (text) => {
    const host = unbracketed(text.trim()).toLowerCase();
    // An address with a zone, such as fe80::1%eth0, never stands in a Host header.
    return (isIP(host) !== 0 && !host.includes("%")) || isHostName(host) ? host : undefined;
  },
);

/** Methods of services, `*` for any characters in either name. */
export const methodPatternType = textual(
  "SERVICE/METHOD with * for any part of a name, such as ApiItem/*, */destroy or octaneapi.ApiItemService/set*",
  (text) => (/^[A-Za-z0-9_.*]{1,200}\/[A-Za-z0-9_*]{1,200}$/.test(text.trim()) ? text.trim() : undefined),
);

/** How much is logged, also by area. */
export const logLevelsType = textual(acceptedLogLevels, (text) => {
  const levels = parseLogLevels(text);
  return levels === undefined ? undefined : formatLogLevels(levels);
});

/** Characters that can stand in an Authorization header. */
export const tokenType = textual("1 to 512 visible ASCII characters without blanks", (text) =>
  /^[\x21-\x7e]{1,512}$/.test(text) ? text : undefined,
);

/** Width and height in pixels. */
export const filmSizeType: ValueType<readonly [number, number]> = {
  accepted: "WIDTHxHEIGHT in pixels, such as 1024x512, each from 16 to 8192",
  acceptedValue: "[width, height] in pixels, each a whole number from 16 to 8192",
  read: (text) => {
    const parts = /^(\d{1,5})[x×](\d{1,5})$/i.exec(text.trim());
    return parts === null ? undefined : filmSizeType.take([Number(parts[1]), Number(parts[2])]);
  },
  take: (value) =>
    Array.isArray(value) && value.length === 2 && value.every(isFilmEdge) ? [value[0], value[1]] : undefined,
  write: ([width, height]) => `${width}x${height}`,
};

function isFilmEdge(edge: unknown): boolean {
  return Number.isInteger(edge) && Number(edge) >= 16 && Number(edge) <= 8192;
}

function unbracketed(host: string): string {
  return host.startsWith("[") && host.endsWith("]") && isIP(host.slice(1, -1)) === 6
    ? host.slice(1, -1)
    : host;
}

function isHostName(host: string): boolean {
  return host.length <= 253 && /^[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\.?$/i.test(host);
}
