import { ProxyError } from "../errors.ts";
import type { PathSegment } from "../transcode/decode-context.ts";
import { parseJson } from "../transcode/json-parse.ts";
import { JsonObject, type JsonValue } from "../transcode/json-value.ts";
import {
  type CallPosition,
  compileParams,
  idPattern,
  type ParamTemplate,
  type Reference,
} from "./batch-reference.ts";
import { maxTimeoutMs } from "./deadline.ts";
import { invalidMember, readMembers } from "./json-members.ts";

/** The most calls in one batch. */
export const maxBatchCalls = 10_000;
/** The most references in one batch. */
export const maxBatchReferences = 100_000;

/** One call of a batch, checked as far as that is possible before anything is sent. */
export interface BatchCall {
  readonly index: number;
  readonly id: string | undefined;
  readonly service: string;
  readonly method: string;
  readonly params: ParamTemplate;
  /** Indexes of the earlier calls whose replies it uses, each with the first place in params that does. */
  readonly needs: ReadonlyMap<number, string>;
  /** A reference in its params that names no earlier call: it is not sent. */
  readonly refusal: ProxyError | undefined;
}

export interface BatchRequest {
  readonly calls: readonly BatchCall[];
  readonly parallel: boolean;
  /** For the whole batch; undefined where the body names none. */
  readonly timeoutMs: number | undefined;
}

/**
 * Reads `[call…]` or `{calls, parallel?, timeoutMs?}`.
 * @throws ProxyError `malformed_json`, `invalid_field`, `unknown_field` or `limit_reached` for the batch as a whole
 */
export function parseBatch(body: Uint8Array): BatchRequest {
  const value = parseJson(body);
  if (Array.isArray(value)) return { calls: parseCalls(value, []), parallel: false, timeoutMs: undefined };
  if (!(value instanceof JsonObject)) {
    throw invalidMember([], 'a list of calls or an object with "calls"', value);
  }
  const members = readMembers(value, ["calls", "parallel", "timeoutMs"], []);
  const calls = members.get("calls");
  if (!Array.isArray(calls)) throw invalidMember(["calls"], "a list of calls", calls);
  const parallel = members.get("parallel") ?? false;
  if (typeof parallel !== "boolean") throw invalidMember(["parallel"], "true or false", parallel);
  const timeoutMs = members.get("timeoutMs") ?? undefined;
  if (timeoutMs !== undefined && !(Number.isInteger(timeoutMs) && Number(timeoutMs) > 0)) {
    throw invalidMember(["timeoutMs"], "a whole number of milliseconds above 0", timeoutMs);
  }
  return {
    calls: parseCalls(calls, ["calls"]),
    parallel,
    timeoutMs: timeoutMs === undefined ? undefined : Math.min(Number(timeoutMs), maxTimeoutMs),
  };
}

interface RawCall {
  readonly id: string | undefined;
  readonly service: string;
  readonly method: string;
  readonly params: JsonValue;
}

function parseCalls(values: readonly JsonValue[], path: readonly PathSegment[]): BatchCall[] {
  if (values.length > maxBatchCalls) {
    throw new ProxyError(
      "limit_reached",
      `expected at most ${maxBatchCalls} calls in one batch, got ${values.length}`,
    );
  }
  const raw = values.map((value, index) => parseCall(value, [...path, index]));
  const indexOfId = new Map<string, number>();
  for (const [index, { id }] of raw.entries()) {
    if (id === undefined) continue;
    const first = indexOfId.get(id);
    if (first !== undefined) {
      throw invalidMember([...path, index, "id"], `an id of its own (call ${first} has the same)`, id);
    }
    indexOfId.set(id, index);
  }
  let references = 0;
  const count = () => {
    if (++references <= maxBatchReferences) return;
    throw new ProxyError("limit_reached", `expected at most ${maxBatchReferences} references in one batch`);
  };
  return raw.map((call, index) => linkCall(call, { index, count: raw.length, indexOfId }, count));
}

function parseCall(value: JsonValue, path: readonly PathSegment[]): RawCall {
  const members = readMembers(value, ["id", "service", "method", "params"], path);
  const text = (key: string): string => {
    const given = members.get(key);
    if (typeof given === "string" && given !== "") return given;
    throw invalidMember([...path, key], `the name of a ${key}`, given);
  };
  const id = members.get("id") ?? undefined;
  if (id !== undefined && !(typeof id === "string" && idPattern.test(id))) {
    throw invalidMember(
      [...path, "id"],
      'up to 64 letters, digits, "_" and "-" that start with a letter or "_"',
      id,
    );
  }
  return { id, service: text("service"), method: text("method"), params: members.get("params") ?? null };
}

function linkCall({ params, ...call }: RawCall, position: CallPosition, count: () => void): BatchCall {
  const needs = new Map<number, string>();
  const onReference = (reference: Reference): void => {
    count();
    if (!needs.has(reference.index)) needs.set(reference.index, reference.field);
  };
  const { index } = position;
  try {
    const template = compileParams(params, position, onReference);
    return { ...call, index, params: template, needs, refusal: undefined };
  } catch (error) {
    if (!(error instanceof ProxyError && error.reason === "invalid_field")) throw error;
    return { ...call, index, params: null, needs: new Map(), refusal: error };
  }
}
