import { asProxyError, type Metadata, ProxyError } from "../errors.ts";
import type { Logger } from "../observe/logger.ts";
import { briefDialect, plainDialect } from "../transcode/dialects.ts";
import { parseJson } from "../transcode/json-parse.ts";
import type { JsonValue } from "../transcode/json-value.ts";
import type { CallSignal } from "../upstream/upstream.ts";
import { writeParams } from "./batch-params.ts";
import { resolveReference } from "./batch-reference.ts";
import type { BatchCall, BatchRequest } from "./batch-request.ts";
import { createCallSlots } from "./call-slots.ts";
import type { Caller, CallNote } from "./unary-call.ts";

/** What became of one call. */
export type BatchResult = {
  readonly index: number;
  readonly id: string | undefined;
  /** Paths of params that the method does not know; absent where there are none. */
  readonly ignoredFields: readonly string[] | undefined;
} & ({ readonly json: Buffer; readonly error?: undefined } | { readonly error: ProxyError });

export interface BatchOptions {
  readonly caller: Caller;
  /** Refuse unknown fields in params. */
  readonly strict: boolean;
  /** From the start to the last reply. */
  readonly timeoutMs: number;
  /** The client's: calls under way are given up when it aborts. */
  readonly signal: CallSignal;
  /** Goes with every call; already allow-listed. */
  readonly metadata: Metadata;
  readonly logger: Logger;
  /** Names the batch in log lines. */
  readonly callId: string;
  /** Calls under way at once in parallel mode. */
  readonly concurrency: number;
  /** The longest request message of a call after substitution, in characters of JSON. */
  readonly maxParamsChars: number;
  /** Bytes of JSON held at once: replies that others refer to and, where they are collected, results. */
  readonly maxHeldBytes: number;
  /** Whether the results are kept until the end, and so count as held. */
  readonly collects: boolean;
  /** Told of each result when it is there; the calls after it wait until it resolves. */
  onResult(result: BatchResult): void | Promise<void>;
}

/**
 * Makes every call of a batch: one after the other in their order, or up to `concurrency` at once, each after those
 * whose replies it uses. A call that fails stops nothing but the calls that need it.
 * @throws ProxyError `client_gone` when the signal aborted, and what `onResult` throws
 */
export async function runBatch(request: BatchRequest, options: BatchOptions): Promise<void> {
  const run = createBatchRun(request, options);
  if (!request.parallel) {
    for (const call of request.calls) await run(call);
    return;
  }
  const slots = createCallSlots(options.concurrency);
  const settled: Promise<void>[] = [];
  for (const call of request.calls) {
    const needed = [...call.needs.keys()].map((index) => settled[index]);
    settled.push(Promise.all(needed).then(() => slots.run(() => run(call))));
  }
  // Nothing of a batch goes on after its end.
  const outcomes = await Promise.allSettled(settled);
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}

/** A reply that later calls refer to. */
interface HeldReply {
  readonly message: JsonValue;
  readonly bytes: number;
  /** Calls that still need it. */
  users: number;
}

function createBatchRun({ calls }: BatchRequest, options: BatchOptions): (call: BatchCall) => Promise<void> {
  const { signal, logger, maxHeldBytes } = options;
  const endsAt = performance.now() + options.timeoutMs;
  const userCounts = countUsers(calls);
  const replies = new Map<number, HeldReply>();
  let heldBytes = 0;

  const release = (call: BatchCall): void => {
    for (const index of call.needs.keys()) {
      const reply = replies.get(index);
      if (reply === undefined || --reply.users > 0) continue;
      heldBytes -= reply.bytes;
      replies.delete(index);
    }
  };

  /** Everything that keeps a call from being sent, and its request message. */
  const prepare = (call: BatchCall): { readonly body: Buffer; readonly timeoutMs: number } => {
    if (call.refusal !== undefined) throw call.refusal;
    for (const [index, field] of call.needs) {
      if (!replies.has(index)) throw failedNeed(calls[index], index, field);
    }
    const timeoutMs = endsAt - performance.now();
    if (timeoutMs <= 0) {
      throw new ProxyError(
        "deadline_exceeded",
        "not sent: the time of the batch was over before its turn came",
      );
    }
    if (heldBytes >= maxHeldBytes) throw tooMuch("not sent");
    const text = writeParams(
      call.params,
      (reference) => resolveReference(reference, replies.get(reference.index)?.message ?? null),
      options.maxParamsChars,
    );
    return { body: Buffer.from(text, "utf8"), timeoutMs: Math.ceil(timeoutMs) };
  };

  const tooMuch = (what: string): ProxyError =>
    new ProxyError(
      "limit_reached",
      `${what}: the replies of the batch are larger than ${maxHeldBytes} bytes together; ${
        options.collects ? 'take them one by one with "Accept: application/x-ndjson"' : "make several batches"
      }`,
    );

  const send = async (call: BatchCall, note: CallNote): Promise<Buffer> => {
    const { index, service, method } = call;
    const { body, timeoutMs } = prepare(call);
    const { strict, metadata } = options;
    const dialect = briefDialect;
    const result = await options.caller.callJson({
      ...{ service, method, dialect, body, strict, timeoutMs, signal, metadata, note },
    });
    const users = userCounts.get(index) ?? 0;
    const whole = users === 0 ? undefined : result.jsonIn(plainDialect);
    const bytes = (options.collects ? result.json.length : 0) + (whole?.length ?? 0);
    if (heldBytes + bytes > maxHeldBytes) throw tooMuch("the call was made, but its reply is left out");
    heldBytes += bytes;
    if (whole !== undefined) {
      replies.set(index, { message: parseJson(whole) ?? null, bytes: whole.length, users });
    }
    return result.json;
  };

  return async (call) => {
    throwIfGone(signal);
    const startedAt = performance.now();
    const { index, id } = call;
    const note: CallNote = {};
    let result: BatchResult;
    try {
      const json = await send(call, note);
      result = { index, id, ignoredFields: note.ignoredFields, json };
    } catch (thrown) {
      throwIfGone(signal);
      const error = asProxyError(thrown);
      if (error.reason === "internal")
        logger.error("a call of a batch failed", { err: error.cause ?? error });
      result = { index, id, ignoredFields: note.ignoredFields, error };
    }
    release(call);
    if (logger.isEnabled("debug")) {
      logger.debug(`batch ${index}: ${call.service}/${call.method}`, {
        id: options.callId,
        ms: Math.round((performance.now() - startedAt) * 100) / 100,
        ...(result.error === undefined ? {} : { reason: result.error.reason, error: result.error.message }),
      });
    }
    await options.onResult(result);
  };
}

function countUsers(calls: readonly BatchCall[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { needs } of calls) {
    for (const index of needs.keys()) counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  return counts;
}

function failedNeed(needed: BatchCall | undefined, index: number, field: string): ProxyError {
  const name = needed?.id === undefined ? `call ${index}` : `call ${index} ("${needed.id}")`;
  return new ProxyError("failed_dependency", `not sent: ${name}, whose reply it uses, failed`, { field });
}

function throwIfGone(signal: CallSignal): void {
  if (!signal.aborted) return;
  throw signal.reason instanceof ProxyError
    ? signal.reason
    : new ProxyError("client_gone", "the client went away before the batch was finished");
}
