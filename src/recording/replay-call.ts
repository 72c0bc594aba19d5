import type { GrpcStream } from "./grpc-http2.ts";
import type { Miss } from "./nearest-call.ts";
import { digestOf } from "./read-recording.ts";
import { type CallEvent, endOf, type RecordedCall, type Recording } from "./recording.ts";

export interface ReplaySettings {
  /** 2 is twice as fast as it was; Infinity does not wait. */
  readonly speed: number;
  /** Streams that Octane did not end begin again after their last message. */
  readonly isLooping: boolean;
}

const leastPauseMs = 100;
/** Node takes a longer time for none at all. */
const maxTimerMs = 2 ** 31 - 1;

/** What the client of a running call has sent. */
interface Inputs {
  /** Resolves true when that many inputs (requests, and the half-close) have come; false when no more will. */
  reached(count: number): Promise<boolean>;
  /** The first request that differs from the recorded one, counted from 1. */
  readonly deviation: number | undefined;
}

/**
 * Answers one call as it was recorded: replies wait for the requests that came before them, and messages of streams
 * keep their distance in time. Unary calls are answered at once.
 */
export async function replayCall(
  stream: GrpcStream,
  call: RecordedCall,
  remaining: AsyncIterator<Buffer>,
  hasFirst: boolean,
  { recording, settings }: { recording: Recording; settings: ReplaySettings },
): Promise<Miss | undefined> {
  const recorded = call.events.filter(({ kind }) => kind === "request" || kind === "half-close");
  const inputs = followInputs(remaining, recorded, hasFirst, stream.closed);
  const outputs = timeOutputs(call);
  if (call.headers.size > 0) stream.sendHeaders(call.headers);
  let originMs = performance.now();
  do {
    for (const { event, inputsBefore, afterMs } of outputs) {
      const askedMs = performance.now();
      if (!(await inputs.reached(inputsBefore))) return stopped(stream, inputs, call);
      const dueMs = originMs + afterMs / settings.speed;
      // Waiting for the client moves all that follows.
      originMs += Math.max(0, performance.now() - Math.max(dueMs, askedMs));
      const waitMs = dueMs - performance.now();
      if (waitMs > 0 && !call.isUnary) await wait(waitMs, stream.closed);
      if (stream.closed.aborted) return undefined;
      if (event.kind === "message") await stream.send(await recording.read(event.body));
      else if (event.kind === "end") stream.end(event.end.code, event.end.message, event.end.trailers);
    }
    if (!settings.isLooping || endOf(call) !== undefined) return undefined;
    // The next turn begins when the stream had ended, and never so soon that it would only keep the machine busy.
    const lastedMs = (call.endedAtMs ?? recording.durationMs) - call.atMs;
    const nextMs = Math.max(originMs + lastedMs / settings.speed, performance.now() + leastPauseMs);
    await wait(nextMs - performance.now(), stream.closed);
    originMs = performance.now();
  } while (outputs.length > 0 && !stream.closed.aborted);
  // The recording ends inside this stream, which stays open and silent until its client leaves.
  return undefined;
}

interface Output {
  readonly event: CallEvent;
  readonly inputsBefore: number;
  /** Since the call began. */
  readonly afterMs: number;
}

function timeOutputs(call: RecordedCall): Output[] {
  const outputs: Output[] = [];
  let inputsBefore = 0;
  for (const event of call.events) {
    if (event.kind === "request" || event.kind === "half-close") inputsBefore += 1;
    else outputs.push({ event, inputsBefore, afterMs: event.atMs - call.atMs });
  }
  return outputs;
}

function stopped(stream: GrpcStream, inputs: Inputs, call: RecordedCall): Miss | undefined {
  if (stream.closed.aborted) return undefined;
  const what =
    inputs.deviation === undefined
      ? "the requests that follow cannot be read"
      : `request ${inputs.deviation} differs from the recorded one`;
  return { code: "FAILED_PRECONDITION", message: `in this call of ${call.path} ${what}` };
}

function followInputs(
  remaining: AsyncIterator<Buffer>,
  recorded: readonly CallEvent[],
  hasFirst: boolean,
  closed: AbortSignal,
): Inputs {
  let count = 1;
  let isOver = !hasFirst;
  let deviation: number | undefined;
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const resolve of [...waiting]) resolve();
    waiting.clear();
  };
  const follow = async (): Promise<void> => {
    while (!isOver && deviation === undefined) {
      const step = await remaining.next();
      const expected = recorded[count];
      // More than was recorded: the recorded end may have cut the client's requests short.
      const isExpected =
        expected === undefined ||
        (step.done === true
          ? expected.kind === "half-close"
          : expected.kind === "request" && expected.digest === digestOf(step.value));
      count += 1;
      if (!isExpected) deviation = count;
      if (step.done === true) isOver = true;
      wake();
    }
  };
  follow().catch(() => {
    isOver = true;
    wake();
  });
  closed.addEventListener("abort", wake, { once: true });
  return {
    get deviation() {
      return deviation;
    },
    async reached(wanted) {
      for (;;) {
        if (closed.aborted || deviation !== undefined) return false;
        if (count >= wanted) return true;
        if (isOver) return false;
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
  };
}

function wait(ms: number, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      closed.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(Math.ceil(ms), maxTimerMs));
    closed.addEventListener("abort", done, { once: true });
    if (closed.aborted) done();
  });
}
