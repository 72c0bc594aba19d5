import { type Metadata, ProxyError } from "../errors.ts";
import type { MessageCall } from "./channel.ts";
import type { UpstreamStream } from "./upstream.ts";

/**
 * grpc-js drops messages that were not asked for yet when a failure comes in, so messages are asked for
 * ahead of the consumer, up to this many bytes; then the server is held back until the consumer has caught up.
 */
const readAheadBytes = 1024 * 1024;
/** What a message counts beside its bytes, so that empty ones are bounded too. */
const messageOverheadBytes = 64;

/**
 * A streaming call of any kind, with backpressure both ways: one request message is taken at a time, when the last
 * one went out.
 */
export function openStream(
  begin: () => Promise<MessageCall>,
  requests: AsyncIterable<Uint8Array>,
): UpstreamStream {
  const headers = deferred<Metadata>();
  const trailers = deferred<Metadata>();
  /** Set at the end of the call: undefined for OK. */
  let outcome: { readonly failure: ProxyError | undefined } | undefined;
  const queue: Uint8Array[] = [];
  let queuedBytes = 0;
  /** A message was asked for that has not come. */
  let isReading = false;
  /** Wakes the reader. */
  let onMessage: (() => void) | undefined;
  /** Who must hear of the end: at most the reader and the sender. */
  const onEnd = new Set<() => void>();
  let call: MessageCall | undefined;
  let isCancelled = false;

  const end = (failure: ProxyError | undefined, received?: Metadata): void => {
    if (outcome !== undefined) return;
    outcome = { failure };
    if (failure === undefined) {
      headers.resolve(new Map());
      trailers.resolve(received ?? new Map());
    } else {
      headers.reject(failure);
      trailers.reject(failure);
    }
    for (const listener of [...onEnd]) listener();
  };

  const cancel = (): void => {
    isCancelled = true;
    call?.cancel();
  };

  const start = async (): Promise<MessageCall> => {
    const begun = await begin();
    call = begun;
    begun.start({
      onHeaders: headers.resolve,
      onMessage: (message) => {
        queue.push(message);
        queuedBytes += message.length + messageOverheadBytes;
        isReading = false;
        readAhead(begun);
        onMessage?.();
      },
      onEnd: end,
    });
    if (isCancelled) begun.cancel();
    readAhead(begun);
    void send(begun).catch((error: unknown) => {
      // What broke is the source of requests; the call cannot go on without it.
      end(asFailure(error, "the request stream broke"));
      begun.cancel();
    });
    return begun;
  };

  /** The promise's value, or undefined as soon as the call has ended. */
  const unlessEnded = <T>(promise: Promise<T>): Promise<T | undefined> =>
    new Promise((resolve, reject) => {
      const stop = (): void => resolve(undefined);
      if (outcome !== undefined) stop();
      onEnd.add(stop);
      promise.then(resolve, reject).finally(() => onEnd.delete(stop));
    });

  /** Sends until the source or the call ends; leaves the source properly in either case. */
  const send = async (begun: MessageCall): Promise<void> => {
    const source = requests[Symbol.asyncIterator]();
    for (;;) {
      const step = await unlessEnded(source.next());
      if (step === undefined || outcome !== undefined) {
        // Not awaited: a source that waits for its own client would never answer.
        void source.return?.()?.then(undefined, () => undefined);
        return;
      }
      if (step.done === true) {
        begun.halfClose();
        return;
      }
      const written = new Promise<void>((resolve) => begun.send(step.value, resolve));
      await unlessEnded(written);
    }
  };

  const readAhead = (begun: MessageCall): void => {
    if (isReading || outcome !== undefined || queuedBytes >= readAheadBytes) return;
    isReading = true;
    begun.read();
  };

  /** The next message, or undefined at the end with OK; a failure comes after what arrived before it. */
  const next = async (begun: MessageCall): Promise<Uint8Array | undefined> => {
    if (queue.length === 0 && outcome === undefined) {
      const arrival = new Promise<void>((resolve) => {
        onMessage = resolve;
      });
      await unlessEnded(arrival);
    }
    const message = queue.shift();
    if (message === undefined) {
      if (outcome?.failure !== undefined) throw outcome.failure;
      return undefined;
    }
    queuedBytes -= message.length + messageOverheadBytes;
    readAhead(begun);
    return message;
  };

  const started = start();
  started.catch((error: unknown) => end(asFailure(error, "the call could not start")));

  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      const begun = await started;
      for (;;) {
        const message = await next(begun);
        if (message === undefined) return;
        yield message;
      }
    } finally {
      cancel();
    }
  }

  return { headers: headers.promise, trailers: trailers.promise, messages: read(), cancel };
}

function asFailure(error: unknown, message: string): ProxyError {
  return error instanceof ProxyError ? error : new ProxyError("internal", message, { cause: error });
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // A consumer may look at only one of the promises; an unread failure is no crash.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
