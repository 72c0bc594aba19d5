import { ProxyError } from "../errors.ts";
import { type CameraPose, parseCameraPose } from "../render/camera-pose.ts";
import {
  checkFormat,
  checkNumber,
  checkPass,
  createRenderQuery,
  defaultQuality,
  invalid,
  limits,
} from "./render-query.ts";

export const streamFormats = ["auto", "raw", "png", "jpeg", "webp"] as const;
export type StreamFormat = (typeof streamFormats)[number];

/** What a viewer of `/render/ws` may choose, at first in the query, later in `options` messages. */
export interface StreamOptions {
  /** `auto`: the quality ladder chooses. */
  format: StreamFormat;
  quality: number;
  width: number | undefined;
  fps: number | undefined;
  pass: number | undefined;
  minSamples: number | undefined;
  /** With `auto`: frames at rest lose nothing. */
  lossless: boolean;
  /** Frames sent but not acknowledged, at most; 0 needs no acknowledgements. */
  inFlight: number;
}

export type StreamMessage =
  | { readonly type: "options"; readonly options: Partial<StreamOptions> }
  | { readonly type: "ack"; readonly sequence: number }
  | { readonly type: "camera"; readonly pose: CameraPose }
  | { readonly type: "ping" };

type FindPass = (text: string) => number | undefined;

const maxInFlight = 16;
const defaultInFlight = 2;

/** @throws ProxyError `invalid_query` naming the parameter. */
export function readStreamQuery(parameters: URLSearchParams, findPass: FindPass): StreamOptions {
  const query = createRenderQuery(parameters, findPass);
  return {
    format: query.format(streamFormats) ?? "auto",
    quality: query.quality() ?? defaultQuality,
    width: query.width(),
    fps: query.fps(),
    pass: query.pass(),
    minSamples: query.minSamples(),
    lossless: query.flag("lossless") ?? false,
    inFlight: query.integer("inFlight", 0, maxInFlight) ?? defaultInFlight,
  };
}

/** @throws ProxyError `malformed_json` or `invalid_field`, naming the field. */
export function parseStreamMessage(text: string, findPass: FindPass): StreamMessage {
  const message = parseObject(text);
  switch (message.type) {
    case "ack":
      return { type: "ack", sequence: field("sequence", message.sequence, 0, 2 ** 32 - 1, true) };
    case "camera":
      return { type: "camera", pose: parseCameraPose(message) };
    case "options":
      return { type: "options", options: parseOptions(message, findPass) };
    case "ping":
      return { type: "ping" };
    default:
      throw asField(invalid("type", '"ack", "camera", "options" or "ping"', message.type));
  }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Told below, together with JSON that is no object.
  }
  throw new ProxyError(
    "malformed_json",
    'expected a JSON object such as {"type":"ack","sequence":1} in a text message',
  );
}

/** `null` takes a limit back. */
function parseOptions(message: Record<string, unknown>, findPass: FindPass): Partial<StreamOptions> {
  const options: Partial<StreamOptions> = {};
  const { format, quality, width, fps, pass, minSamples, lossless, inFlight } = message;
  try {
    if (format !== undefined) options.format = checkFormat(String(format), streamFormats);
    if (quality !== undefined) options.quality = field("quality", quality, ...limits.quality, true);
    if (width !== undefined)
      options.width = width === null ? undefined : field("width", width, ...limits.width, true);
    if (fps !== undefined) options.fps = fps === null ? undefined : field("fps", fps, ...limits.fps, false);
    if (pass !== undefined) options.pass = pass === null ? undefined : checkPass(String(pass), findPass);
    if (minSamples !== undefined) {
      options.minSamples =
        minSamples === null ? undefined : field("minSamples", minSamples, ...limits.minSamples, false);
    }
    if (inFlight !== undefined) options.inFlight = field("inFlight", inFlight, 0, maxInFlight, true);
  } catch (error) {
    throw asField(error as ProxyError);
  }
  if (lossless !== undefined) {
    if (typeof lossless !== "boolean") throw asField(invalid("lossless", "true or false", lossless));
    options.lossless = lossless;
  }
  return options;
}

function field(name: string, value: unknown, least: number, most: number, isWhole: boolean): number {
  const number = typeof value === "number" ? value : Number.NaN;
  try {
    return checkNumber(name, number, value, least, most, isWhole);
  } catch (error) {
    throw asField(error as ProxyError);
  }
}

function asField(error: ProxyError): ProxyError {
  return new ProxyError("invalid_field", error.message, { field: error.field });
}
