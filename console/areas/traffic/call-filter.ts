import type { Call } from "./call.ts";

export type CallFilter = (call: Call) => boolean;

/** What to type, for people. */
export const filterTerms: readonly { readonly term: string; readonly meaning: string }[] = [
  { term: "camera", meaning: "the text is in the call, its address, id, origin or error" },
  { term: "service:ApiNode", meaning: "of this service" },
  { term: "method:set", meaning: "whose method has this text" },
  { term: "status:error", meaning: "that failed; also status:404, status:5xx, status:NOT_FOUND" },
  { term: "protocol:batch", meaning: "by this protocol" },
  { term: "octane:studio", meaning: "for this one of several Octanes" },
  { term: "kind:unary", meaning: "of this kind; kind:streaming for all that stream" },
  { term: "time:>50", meaning: "that took longer than 50 ms; also <" },
  { term: "size:>10k", meaning: "whose request or reply is larger than 10 KiB; also <, and M" },
  { term: "-method:GetCamera", meaning: "a minus in front turns a term round" },
  { term: '"two words"', meaning: "a text with spaces" },
];

/** All terms of a text must hold; no term, and every call does. @throws Error that says what a term expects */
export function parseCallFilter(text: string): CallFilter {
  const tests = splitTerms(text).map(parseTerm);
  return (call) => tests.every((holds) => holds(call));
}

/** By spaces, but not within double quotes. */
function splitTerms(text: string): readonly string[] {
  return text.match(/(?:"[^"]*"?|[^\s"])+/g) ?? [];
}

function parseTerm(term: string): CallFilter {
  if (term.startsWith("-") && term.length > 1) {
    const holds = parseTerm(term.slice(1));
    return (call) => !holds(call);
  }
  const [, key = "", value = ""] = /^([a-z]+):(.*)$/.exec(term) ?? [];
  const parse = keys.get(key);
  if (parse === undefined) return hasText(unquoted(term));
  if (value === "") throw new Error(`"${key}:" needs a value, such as ${exampleOf(key)}`);
  return parse(unquoted(value).toLowerCase());
}

const keys: ReadonlyMap<string, (value: string) => CallFilter> = new Map([
  ["service", (value) => (call) => serviceOf(call).includes(value)],
  [
    "method",
    (value) => (call) => (call.method ?? call.call.split("/")[1] ?? "").toLowerCase().includes(value),
  ],
  ["status", parseStatus],
  ["protocol", (value) => (call) => call.protocol === value],
  ["octane", (value) => (call) => call.octane.toLowerCase() === value],
  ["kind", (value) => (call) => call.kind?.includes(value) ?? false],
  ["time", (value) => compareBy("time", value, timeUnits, ({ durationMs }) => durationMs)],
  ["size", (value) => compareBy("size", value, sizeUnits, sizeOf)],
]);

const timeUnits = { "": 1, ms: 1, s: 1_000 };
const sizeUnits = { "": 1, b: 1, k: 1024, kb: 1024, kib: 1024, m: 1024 ** 2, mb: 1024 ** 2, mib: 1024 ** 2 };

function hasText(text: string): CallFilter {
  const wanted = text.toLowerCase();
  return (call) => searchTextOf(call).includes(wanted);
}

const searchTexts = new WeakMap<Call, string>();

/** Made once for each call: the filter runs over ten thousand of them while somebody types. */
function searchTextOf(call: Call): string {
  const known = searchTexts.get(call);
  if (known !== undefined) return known;
  const { error } = call;
  const parts = [call.call, call.path, call.id, call.origin, call.code, error?.reason, error?.message];
  const text = parts.filter(Boolean).join("\n").toLowerCase();
  searchTexts.set(call, text);
  return text;
}

function serviceOf({ service, call }: Call): string {
  return (service ?? call.split("/")[0] ?? "").toLowerCase();
}

function sizeOf({ requestBytes, replyBytes }: Call): number {
  return Math.max(requestBytes, replyBytes);
}

function parseStatus(value: string): CallFilter {
  if (value === "error") return ({ error }) => error !== undefined;
  if (value === "ok") return ({ error }) => error === undefined;
  if (/^[1-5]\d\d$/.test(value)) return ({ status }) => status === Number(value);
  if (/^[1-5]xx$/.test(value)) return ({ status }) => Math.floor(status / 100) === Number(value[0]);
  if (/^[a-z_]+$/.test(value)) return ({ code }) => code.toLowerCase() === value;
  throw new Error(
    `"status:" takes error, ok, an HTTP status such as 404 or 5xx, or a gRPC code such as NOT_FOUND; got ${value}`,
  );
}

function compareBy(
  key: string,
  value: string,
  units: Readonly<Record<string, number>>,
  read: (call: Call) => number,
): CallFilter {
  const [, sign, digits, unit = ""] = /^([<>])(\d+(?:\.\d+)?)([a-z]*)$/.exec(value) ?? [];
  const factor = units[unit];
  if (sign === undefined || factor === undefined) {
    throw new Error(`"${key}:" takes a bound such as ${exampleOf(key)}; got ${value}`);
  }
  const bound = Number(digits) * factor;
  return sign === ">" ? (call) => read(call) > bound : (call) => read(call) < bound;
}

function exampleOf(key: string): string {
  return filterTerms.map(({ term }) => term).find((term) => term.startsWith(`${key}:`)) ?? `${key}:…`;
}

function unquoted(text: string): string {
  return text.replaceAll('"', "");
}
