import { ProxyError } from "../errors.ts";
import type { CallOptions, CallTarget, Metadata, Session, UpstreamStream } from "../rpc/session.ts";
import { unavailable } from "../upstream/call-failure.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { createCallbackMailbox } from "./callback-mailbox.ts";
import type { Clock } from "./clock.ts";
import type { FrameSource } from "./frame-source.ts";
import type { RawCallback } from "./subscription.ts";

const callbackPath = "/octaneapi.StreamCallbackService/callbackChannel";
/** As calls do: while a connection is under way they wait this long for it, and no longer. */
const connectingWaitMs = 1_000;

/**
 * The session as clients get it: their calls of `callbackChannel`, over whatever protocol, join the one subscription
 * that frames come from, so that Octane sends each callback once. A joined call begins with the newest image, fails
 * when the subscription is lost, and ends when Octane ends it. Request metadata of a joined call goes nowhere.
 */
export function shareCallbacks(session: Session, source: FrameSource, clock: Clock): Session {
  return {
    name: session.name,
    upstream: session.upstream,
    get generation() {
      return session.generation;
    },
    get contract() {
      return session.contract;
    },
    findMethod: (service, method) => session.findMethod(service, method),
    call: (target, wire, options) => session.call(target, wire, options),
    stream(target, requests, options) {
      if (target.method.path !== callbackPath) return session.stream(target, requests, options);
      return new JoinedCall(session.upstream, source, clock, target, options).start(requests);
    },
    onContractChange: (listener) => session.onContractChange(listener),
    close: () => session.close(),
  };
}

const noMetadata: Metadata = new Map();

class JoinedCall {
  readonly #upstream: Upstream;
  readonly #source: FrameSource;
  readonly #clock: Clock;
  readonly #target: CallTarget;
  readonly #options: CallOptions;
  readonly #mailbox = createCallbackMailbox();
  readonly #ended = new AbortController();
  readonly #headers = withResolvers<Metadata>();
  readonly #trailers = withResolvers<Metadata>();
  /** Set at the end: undefined for OK. */
  #outcome: { readonly failure: ProxyError | undefined } | undefined;
  #wake: () => void = () => {};
  #leave: () => void = () => {};
  #cancelDeadline: () => void = () => {};

  constructor(
    upstream: Upstream,
    source: FrameSource,
    clock: Clock,
    target: CallTarget,
    options: CallOptions,
  ) {
    this.#upstream = upstream;
    this.#source = source;
    this.#clock = clock;
    this.#target = target;
    this.#options = options;
  }

  start(requests: AsyncIterable<Uint8Array>): UpstreamStream {
    const { signal, timeoutMs } = this.#options;
    if (Number.isFinite(timeoutMs)) {
      this.#cancelDeadline = this.#clock.after(timeoutMs, () => this.#end(tooLate(timeoutMs)));
    }
    signal?.addEventListener("abort", this.#cancel);
    if (signal?.aborted) this.#cancel();
    this.#join(requests).catch((error: unknown) =>
      this.#end(
        error instanceof ProxyError
          ? error
          : new ProxyError("internal", "the call could not join octane's callbacks", { cause: error }),
      ),
    );
    return {
      headers: this.#headers.promise,
      trailers: this.#trailers.promise,
      messages: this.#read(),
      cancel: this.#cancel,
    };
  }

  readonly #cancel = (): void => this.#end(new ProxyError("client_gone", "the client gave up the call"));

  async #join(requests: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const _ of requests) break;
    if (this.#upstream.state === "connecting") await this.#connecting();
    if (this.#outcome !== undefined) return;
    if (this.#upstream.state !== "ready") {
      throw unavailable(this.#upstream.address, this.#upstream.lastError);
    }
    const { state, lastError, newestImage } = this.#source;
    // The subscription asks again only seldom; the client need not wait for that.
    if (state === "waiting" && lastError?.code === "UNIMPLEMENTED") throw lastError;
    this.#leave = this.#source.onCallback(
      (callback) => this.#hear(callback),
      (failure) => this.#end(failure),
    );
    if (newestImage !== undefined) this.#hear(newestImage);
    await this.#source.register(this.#ended.signal);
    if (this.#source.state === "streaming") this.#headers.resolve(noMetadata);
  }

  #connecting(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancelWait();
        stopListening();
        this.#ended.signal.removeEventListener("abort", done);
        resolve();
      };
      const cancelWait = this.#clock.after(connectingWaitMs, done);
      const stopListening = this.#upstream.onStateChange(done);
      this.#ended.signal.addEventListener("abort", done);
    });
  }

  #hear({ type, wire, memory, target }: RawCallback): void {
    if (target.method !== this.#target.method) {
      // Messages of the generations differ under the same name: they must not be read as each other's.
      this.#end(
        new ProxyError(
          "upstream_unavailable",
          "the contract of the connected Octane has changed since the call began; call again",
        ),
      );
    } else if (this.#mailbox.put(type, wire)) {
      // Never let go: when the client's connection has taken the bytes is not known here.
      memory?.hold();
      this.#headers.resolve(noMetadata);
      this.#wake();
    } else {
      this.#end(
        new ProxyError("limit_reached", "the client reads too slowly to be told of every event; call again"),
      );
    }
  }

  #end(failure: ProxyError | undefined): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = { failure };
    this.#leave();
    this.#cancelDeadline();
    this.#options.signal?.removeEventListener("abort", this.#cancel);
    if (failure === undefined) {
      this.#headers.resolve(noMetadata);
      this.#trailers.resolve(noMetadata);
    } else {
      this.#headers.reject(failure);
      this.#trailers.reject(failure);
    }
    this.#ended.abort();
    this.#wake();
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const wire = this.#mailbox.take();
        if (wire !== undefined) yield wire;
        else if (this.#outcome === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        } else if (this.#outcome.failure === undefined) return;
        else throw this.#outcome.failure;
      }
    } finally {
      this.#cancel();
    }
  }
}

function tooLate(timeoutMs: number): ProxyError {
  return new ProxyError(
    "deadline_exceeded",
    `the time that the call was given, ${timeoutMs} ms, is over; ask for more or for none`,
  );
}

interface Resolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: ProxyError) => void;
}

function withResolvers<T>(): Resolvers<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: ProxyError) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // A consumer may look at only one of the promises; an unread failure is no crash.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
