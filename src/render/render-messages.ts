import { create, type DescEnum, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { ProxyError } from "../errors.ts";
import type { Premultiplied, RawImage } from "./pixels.ts";
import type { CallbackOrigin, RenderStatistics } from "./render-event.ts";

/** One image of a render result as it came over the wire; pixel bytes are not copied. */
export interface WireImage extends RawImage {
  readonly renderPassId: number;
  readonly samples: number;
  readonly maxSamples: number;
  readonly samplesPerSecond: number;
  readonly renderTimeSeconds: number;
  readonly changeLevel: number;
  readonly hasPendingUpdates: boolean;
}

/** A message of Octane's callback stream. */
export type CallbackMessage =
  | {
      readonly type: "newImage";
      readonly origin: CallbackOrigin;
      /** Undefined where the generation only gives notice and pixels are to be fetched. */
      readonly images: readonly WireImage[] | undefined;
    }
  | {
      readonly type: "newStatistics" | "renderFailure" | "projectManagerChanged";
      readonly origin: CallbackOrigin;
    }
  /** A payload this proxy does not know. */
  | { readonly type: "other" };

/** @throws ProxyError `upstream_malformed` when the bytes are no such message. */
export function readCallback(desc: DescMessage, wire: Uint8Array): CallbackMessage {
  const message = parse(desc, wire);
  for (const type of ["newImage", "newStatistics", "renderFailure", "projectManagerChanged"] as const) {
    const payload = childOf(message, type);
    if (payload === undefined) continue;
    const origin = { callbackId: numberOf(payload, "callback_id"), userData: numberOf(payload, "user_data") };
    if (type !== "newImage") return { type, origin };
    const carriesPixels = payload.fields.some(({ name }) => name === "render_images");
    return {
      type,
      origin,
      images: carriesPixels ? readImages(childOf(payload, "render_images")) : undefined,
    };
  }
  return { type: "other" };
}

/** Images of a `grabRenderResult` reply; undefined when Octane had no result. */
export function readGrabbedImages(desc: DescMessage, wire: Uint8Array): readonly WireImage[] | undefined {
  const message = parse(desc, wire);
  if (fieldValue(message, "result") !== true) return undefined;
  return readImages(childOf(message, "renderImages"));
}

/** Statistics of a `getRenderStatistics` reply, all numbers; undefined when it has none. */
export function readStatistics(desc: DescMessage, wire: Uint8Array): RenderStatistics | undefined {
  const statistics = childOf(parse(desc, wire), "statistics");
  if (statistics === undefined) return undefined;
  return { state: 0, ...plainNumbers(statistics) };
}

/** The `callbackId` that Octane answered a registration with. */
export function readCallbackId(desc: DescMessage, wire: Uint8Array): number {
  return numberOf(parse(desc, wire), "callbackId");
}

/** Wire bytes of a registration; an empty one takes the registration back. */
export function writeRegistration(
  desc: DescMessage,
  callback: { source: string; id: number } | undefined,
): Uint8Array {
  const message = reflect(desc, create(desc));
  const field = message.fields.find(({ name }) => name === "callback");
  if (callback !== undefined && field?.fieldKind === "message") {
    const value = reflect(field.message, create(field.message));
    setByName(value, "callbackSource", callback.source);
    setByName(value, "callbackId", callback.id);
    message.set(field, value);
  }
  return toBinary(desc, message.message);
}

/** A `RenderPassId` given as number, or as name with or without prefix in any case. */
export function findPassId(desc: DescEnum | undefined, text: string): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const wanted = text.toLowerCase();
  return desc?.values.find(({ name }) => name.toLowerCase() === wanted || shortName(desc, name) === wanted)
    ?.number;
}

function shortName(desc: DescEnum, name: string): string {
  const lower = name.toLowerCase();
  const prefix = desc.sharedPrefix ?? "render_pass_";
  return lower.startsWith(prefix) ? lower.slice(prefix.length) : lower;
}

function parse(desc: DescMessage, wire: Uint8Array): ReflectMessage {
  try {
    return reflect(desc, fromBinary(desc, wire, { readUnknownFields: false }));
  } catch (cause) {
    throw new ProxyError(
      "upstream_malformed",
      `octane sent ${wire.byteLength} bytes that are no "${desc.typeName}"`,
      {
        cause,
      },
    );
  }
}

function readImages(list: ReflectMessage | undefined): readonly WireImage[] {
  const field = list?.fields.find(({ name }) => name === "data");
  if (list === undefined || field?.fieldKind !== "list" || field.listKind !== "message") return [];
  return [...list.get(field)].map((item) => readImage(item as ReflectMessage));
}

const premultipliedNames: readonly Premultiplied[] = ["none", "linearized", "encoded"];

function readImage(image: ReflectMessage): WireImage {
  const size = childOf(image, "size");
  const buffer = childOf(image, "buffer");
  const data = buffer === undefined ? undefined : fieldValue(buffer, "data");
  const changeLevel = childOf(image, "changeLevel");
  return {
    type: numberOf(image, "type"),
    width: size === undefined ? 0 : numberOf(size, "x"),
    height: size === undefined ? 0 : numberOf(size, "y"),
    pitch: numberOf(image, "pitch"),
    isLinear: fieldValue(image, "isLinear") === true,
    hasAlpha: fieldValue(image, "hasAlpha") === true,
    premultiplied: premultipliedNames[numberOf(image, "premultipliedAlphaType")] ?? "none",
    data: data instanceof Uint8Array ? data : new Uint8Array(0),
    renderPassId: numberOf(image, "renderPassId"),
    samples: numberOf(image, "tonemappedSamplesPerPixel"),
    maxSamples: numberOf(image, "maxSamplesPerPixel"),
    samplesPerSecond: numberOf(image, "samplesPerSecond"),
    renderTimeSeconds: numberOf(image, "renderTime"),
    changeLevel: changeLevel === undefined ? 0 : numberOf(changeLevel, "value"),
    hasPendingUpdates: fieldValue(image, "hasPendingUpdates") === true,
  };
}

function plainNumbers(message: ReflectMessage): Record<string, unknown> {
  return Object.fromEntries(
    message.fields.map((field) => {
      if (field.fieldKind === "message") {
        return [field.name, message.isSet(field) ? plainNumbers(message.get(field)) : null];
      }
      if (field.fieldKind === "list") {
        const values = [...message.get(field)];
        return [field.name, values.map((value) => (typeof value === "object" ? null : plainValue(value)))];
      }
      return [field.name, plainValue(message.get(field))];
    }),
  );
}

function plainValue(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" && !Number.isFinite(value) ? 0 : value;
}

function childOf(message: ReflectMessage, name: string): ReflectMessage | undefined {
  const field = message.fields.find((candidate) => candidate.name === name);
  return field?.fieldKind === "message" && message.isSet(field) ? message.get(field) : undefined;
}

function fieldValue(message: ReflectMessage, name: string): unknown {
  const field = message.fields.find((candidate) => candidate.name === name);
  return field?.fieldKind === "scalar" || field?.fieldKind === "enum" ? message.get(field) : undefined;
}

/** 0 where the field is absent, not a number or not finite: clients format these numbers. */
function numberOf(message: ReflectMessage, name: string): number {
  const value = plainValue(fieldValue(message, name));
  return typeof value === "number" ? value : 0;
}

function setByName(message: ReflectMessage, name: string, value: string | number): void {
  const field = message.fields.find((candidate) => candidate.name === name);
  if (field?.fieldKind === "scalar") message.set(field, value);
}
