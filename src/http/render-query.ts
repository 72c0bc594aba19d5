import { ProxyError } from "../errors.ts";
import type { ImageFormat } from "../render/image-encoder.ts";

/** Reads query parameters of the frame routes. Each throws ProxyError `invalid_query` that names its parameter. */
export interface RenderQuery {
  /** 1..100. */
  quality(): number | undefined;
  /** Pixels. */
  width(): number | undefined;
  fps(): number | undefined;
  minSamples(): number | undefined;
  /** A `RenderPassId`. */
  pass(): number | undefined;
  timeoutMs(): number | undefined;
  format<T extends string>(allowed: readonly T[]): T | undefined;
  flag(name: string): boolean | undefined;
  integer(name: string, least: number, most: number): number | undefined;
}

export const limits = {
  quality: [1, 100],
  width: [1, 16_384],
  fps: [0.1, 240],
  minSamples: [0, 1e9],
} as const;

const maxTimeoutMs = 600_000;
const defaultQuality = 80;

export { defaultQuality };

export function createRenderQuery(
  query: URLSearchParams,
  findPass: (text: string) => number | undefined,
): RenderQuery {
  const text = (name: string) => {
    const value = query.get(name);
    return value === null || value === "" ? undefined : value;
  };
  const number = (name: string, least: number, most: number, isWhole: boolean) => {
    const value = text(name);
    return value === undefined ? undefined : checkNumber(name, Number(value), value, least, most, isWhole);
  };
  return {
    quality: () => number("quality", ...limits.quality, true),
    width: () => number("width", ...limits.width, true),
    fps: () => number("fps", ...limits.fps, false),
    minSamples: () => number("minSamples", ...limits.minSamples, false),
    integer: (name, least, most) => number(name, least, most, true),
    pass() {
      const value = text("pass");
      return value === undefined ? undefined : checkPass(value, findPass);
    },
    timeoutMs() {
      const value = text("timeout");
      return value === undefined ? undefined : parseDuration("timeout", value);
    },
    format(allowed) {
      const value = text("format");
      return value === undefined ? undefined : checkFormat(value, allowed);
    },
    flag(name) {
      const value = query.get(name);
      if (value === null) return undefined;
      if (value === "" || value === "1" || value === "true") return true;
      if (value === "0" || value === "false") return false;
      throw invalid(name, "true or false", value);
    },
  };
}

export function checkNumber(
  name: string,
  value: number,
  given: unknown,
  least: number,
  most: number,
  isWhole: boolean,
): number {
  if (!(value >= least && value <= most) || (isWhole && !Number.isInteger(value))) {
    throw invalid(name, `${isWhole ? "a whole number" : "a number"} from ${least} to ${most}`, given);
  }
  return value;
}

export function checkPass(value: string, findPass: (text: string) => number | undefined): number {
  const pass = findPass(value);
  if (pass === undefined) {
    throw invalid("pass", 'a render pass, by number or by name such as "beauty"', value);
  }
  return pass;
}

export function checkFormat<T extends string>(value: string, allowed: readonly T[]): T {
  const name = value === "jpg" ? "jpeg" : value;
  const format = allowed.find((candidate) => candidate === name);
  if (format === undefined) throw invalid("format", allowed.map((one) => `"${one}"`).join(" or "), value);
  return format;
}

/** `30s`, `500ms`, `2m`, or milliseconds as a bare number. */
function parseDuration(name: string, value: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m)?$/.exec(value);
  const factor = match?.[2] === "s" ? 1_000 : match?.[2] === "m" ? 60_000 : 1;
  const ms = Number(match?.[1] ?? Number.NaN) * factor;
  if (!(ms > 0 && ms <= maxTimeoutMs))
    throw invalid(name, 'a duration such as "30s" or "500ms", up to 10 minutes', value);
  return ms;
}

export function invalid(name: string, expected: string, given: unknown): ProxyError {
  const shown = JSON.stringify(given)?.slice(0, 60) ?? "nothing";
  return new ProxyError("invalid_query", `expected ${expected} in "${name}", got ${shown}`, { field: name });
}

export const contentTypes: Readonly<Record<ImageFormat, string>> = {
  raw: "application/octet-stream",
  png: "image/png",
  jpeg: "image/jpeg",
  webp: "image/webp",
};
