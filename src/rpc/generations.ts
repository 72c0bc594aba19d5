import type { Generation } from "../contract/contract.ts";
import {
  pinKeys,
  pinTypes,
  readFromAlpha5,
  readFromBeta2,
  writeToAlpha5,
  writeToBeta2,
} from "./pin-values.ts";
import { readFields, writeFields } from "./wire-fields.ts";

/** What is sent to the connected Octane in place of the client's call. */
export interface Converted {
  /** gRPC path. */
  readonly path: string;
  readonly wire: Uint8Array;
  /** The connected Octane's reply as the client's method gives it. @throws ProxyError for a refusal in the reply. */
  readonly reply: (wire: Uint8Array) => Uint8Array;
}

/** `ask` makes another read on the same Octane, under the same deadline and signal. */
export type Conversion = (
  wire: Uint8Array,
  ask: (path: string, wire: Uint8Array) => Promise<Uint8Array>,
) => Converted | Promise<Converted>;

/** How a method that only one generation has is carried out by the other. */
export interface Translation {
  /** The generation that has the method. */
  readonly from: Generation;
  /** gRPC path of the client's method. */
  readonly path: string;
  /** Why the generations differ here, and what the translation relies on. */
  readonly reason: string;
  readonly how:
    | { readonly kind: "rename"; readonly path: string }
    | { readonly kind: "convert"; readonly convert: Conversion }
    /** No honest translation; `advice` says what to do instead. */
    | { readonly kind: "refuse"; readonly advice: string };
}

const item = "/octaneapi.ApiItemService";
const node = "/octaneapi.ApiNodeService";
const control = "/octaneapi.ApiControlService";
const renderEngine = "/octaneapi.ApiRenderEngineService";

/**
 * The one table of differences between Alpha 5 and Beta 2 that need the proxy's work. Left alone on purpose, because
 * both have the method and a field that the connected one lacks is ignored by name: `evaluate` in `setArrayBy*`,
 * `suppressUI` in `resetProject`, `useMetalRayTracing` in `setDevicesActivity`. The messages of `callbackChannel`
 * differ too; they reach clients through `render`.
 */
export const translations: readonly Translation[] = [
  ...(["AttrID", "Name", "Ix"] as const).flatMap(itemValueRows),
  ...pinKeys.flatMap((key): Translation[] => [
    ...pinTypes.flatMap((type, index): Translation[] => [
      {
        from: "alpha5",
        path: `${node}/getPinValue${key.overload(index)}`,
        reason: "Beta 2 has one read for all types, told by expected_type, with the value in a oneof",
        how: { kind: "convert", convert: readFromBeta2(key, type) },
      },
      {
        from: "alpha5",
        path: `${node}/getPin${type.name}${key.plain}`,
        reason: "an older name of the same read; the reply's only field has number 1 in both families",
        how: { kind: "convert", convert: readFromBeta2(key, type) },
      },
      {
        from: "alpha5",
        path: `${node}/setPinValue${key.overload(index)}`,
        reason:
          "Beta 2 has one write for all types; evaluate moves from field 4 to 3, and a refusal is in the reply",
        how: { kind: "convert", convert: writeToBeta2(key, type) },
      },
    ]),
    {
      from: "beta2",
      path: `${node}/getPinValue${key.beta2}`,
      reason:
        "Alpha 5 has an overload for each type; without expected_type the pin's value node is asked for it",
      how: { kind: "convert", convert: readFromAlpha5(key) },
    },
    {
      from: "beta2",
      path: `${node}/setPinValue${key.beta2}`,
      reason: "Alpha 5 has an overload for each type, answers with nothing, and has no 64-bit values",
      how: { kind: "convert", convert: writeToAlpha5(key) },
    },
  ]),
  {
    from: "alpha5",
    path: `${renderEngine}/hardwareRayTracingEnabled`,
    reason: "removed in Beta 2 without a successor; a made-up answer would be taken for Octane's",
    how: { kind: "refuse", advice: "Beta 2 does not tell whether it uses hardware ray tracing" },
  },
  {
    from: "beta2",
    path: `${control}/getWebRTCStatus`,
    reason: "Alpha 5 has no WebRTC server, and a made-up status would be taken for Octane's",
    how: { kind: "refuse", advice: "Alpha 5 has no WebRTC server" },
  },
  {
    from: "beta2",
    path: `${control}/closeOctane`,
    reason: "Alpha 5 cannot be closed by a call, and nothing else does the same",
    how: { kind: "refuse", advice: "close Octane by hand" },
  },
];

function itemValueRows(by: "AttrID" | "Name" | "Ix"): Translation[] {
  return [
    {
      from: "alpha5",
      path: `${item}/getBy${by}`,
      reason: "renamed in Beta 2, with the same messages",
      how: { kind: "rename", path: `${item}/getValueBy${by}` },
    },
    {
      from: "beta2",
      path: `${item}/getValueBy${by}`,
      reason: "renamed in Beta 2, with the same messages",
      how: { kind: "rename", path: `${item}/getBy${by}` },
    },
    {
      from: "alpha5",
      path: `${item}/setBy${by}`,
      reason:
        "renamed in Beta 2, which added the optional evaluate: absent, Octane evaluates as Alpha 5 does",
      how: { kind: "rename", path: `${item}/setValueBy${by}` },
    },
    {
      from: "beta2",
      path: `${item}/setValueBy${by}`,
      reason: "renamed in Beta 2, which added evaluate as field 3: Alpha 5 lacks it and always evaluates",
      how: { kind: "convert", convert: withoutEvaluate(`${item}/setBy${by}`) },
    },
  ];
}

function withoutEvaluate(path: string): Conversion {
  return (wire) => ({
    path,
    wire: writeFields(readFields(wire, "malformed_message").filter(({ number }) => number !== 3)),
    reply: (replyWire) => replyWire,
  });
}
