import { type Metadata, ProxyError, type Reason } from "../errors.ts";
import { briefDialect, plainDialect } from "../transcode/dialects.ts";
import type { CallSignal } from "../upstream/upstream.ts";
import { createCallSlots } from "./call-slots.ts";
import type { Caller } from "./unary-call.ts";

export interface SceneCallsInit {
  readonly caller: Caller;
  /** For the whole walk. */
  readonly timeoutMs: number;
  readonly signal: CallSignal;
  readonly metadata: Metadata;
  /** Calls under way at once. */
  readonly concurrency: number;
}

export type JsonMessage = Readonly<Record<string, unknown>>;

export interface SceneReply {
  /** With defaults. */
  readonly message: JsonMessage;
  /** The same without defaults. */
  brief(): JsonMessage;
}

/** The reads of one walk, under one deadline and one bound on calls under way. */
export interface SceneCalls {
  /** How many calls were made. */
  readonly count: number;
  /** @throws ProxyError */
  ask(service: string, method: string, params: JsonMessage): Promise<SceneReply>;
}

/** What the services expect as the type of the object that they are asked about. */
export const objectTypes = {
  ApiItem: 16,
  ApiNode: 17,
  ApiNodeGraph: 20,
  ApiItemArray: 31,
  ApiNodePinInfoEx: 44,
};

/** Reads of one scene. */
export function createSceneCalls(init: SceneCallsInit): SceneCalls {
  const slots = createCallSlots(init.concurrency);
  const endsAt = performance.now() + init.timeoutMs;
  let count = 0;
  return {
    get count() {
      return count;
    },
    ask: (service, method, params) =>
      slots.run(async () => {
        if (init.signal.aborted) throw init.signal.reason;
        const timeoutMs = Math.ceil(endsAt - performance.now());
        if (timeoutMs <= 0) {
          throw new ProxyError("deadline_exceeded", "the time for walking the scene was over before its end");
        }
        count++;
        const { signal, metadata } = init;
        const body = Buffer.from(JSON.stringify(params), "utf8");
        const call = {
          service,
          method,
          dialect: plainDialect,
          body,
          strict: true,
          timeoutMs,
          signal,
          metadata,
        };
        const result = await init.caller.callJson(call);
        return {
          message: parseMessage(result.json),
          brief: () => parseMessage(result.jsonIn(briefDialect)),
        };
      }),
  };
}

/** Safe for 64-bit values: replies have them as strings. */
function parseMessage(json: Buffer): JsonMessage {
  return JSON.parse(json.toString("utf8")) as JsonMessage;
}

/** Failures that concern one node; every other one, such as a lost Octane, ends the walk. */
const reasonsOfOneNode: ReadonlySet<Reason> = new Set([
  "upstream_status",
  "upstream_malformed",
  "not_translatable",
]);

/** The error of a node, pin or attribute. @throws any other */
export function errorOfOneNode(thrown: unknown): ProxyError {
  if (thrown instanceof ProxyError && reasonsOfOneNode.has(thrown.reason)) return thrown;
  throw thrown;
}

/** The handle in an object reference, in decimal; undefined for the null object. */
export function handleOf(reference: unknown): string | undefined {
  const handle = memberOf(reference, "handle");
  return typeof handle === "string" && handle !== "0" ? handle : undefined;
}

/** A member of a message that may be unset. */
export function memberOf(message: unknown, name: string): unknown {
  return typeof message === "object" && message !== null ? (message as JsonMessage)[name] : undefined;
}

/** What a read gave, or why it gave nothing. @throws ProxyError for what ends the whole walk */
export async function outcome<T>(
  read: Promise<T>,
): Promise<{ readonly value: T | undefined; readonly error: ProxyError | undefined }> {
  try {
    return { value: await read, error: undefined };
  } catch (error) {
    return { value: undefined, error: errorOfOneNode(error) };
  }
}
