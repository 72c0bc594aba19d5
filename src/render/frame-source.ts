import { setMaxListeners } from "node:events";
import { asProxyError, ProxyError, shuttingDown } from "../errors.ts";
import type { Logger } from "../observe/logger.ts";
import type { Epochs } from "../rpc/epoch.ts";
import type { Session } from "../rpc/session.ts";
import type { CallSignal } from "../upstream/upstream.ts";
import type { BufferPool } from "./buffer-pool.ts";
import type { Clock } from "./clock.ts";
import type { FrameHub } from "./frame-hub.ts";
import type { FrameMemory } from "./frame-memory.ts";
import type { PixelConverter } from "./pixels.ts";
import { createRenderCalls, type RenderCalls } from "./render-calls.ts";
import type { CallbackOrigin, RenderStatistics } from "./render-event.ts";
import type { WireImage } from "./render-messages.ts";
import { createResultBuilder, type ResultBuilder } from "./result-builder.ts";
import { type RawCallback, Subscription, type SubscriptionListener } from "./subscription.ts";

/** `waiting`: somebody wants frames, Octane is away or being tried again; `streaming`: callbacks arrive. */
export type SourceState = "idle" | "waiting" | "starting" | "streaming" | "closed";

export interface SourceCounters {
  /** Messages of the callback stream. */
  readonly callbacks: number;
  readonly lastCallbackAtMs: number | undefined;
  /** Render results with pixels: from callbacks and fetched. results = published + duplicates + unusable. */
  readonly results: number;
  readonly published: number;
  readonly duplicates: number;
  readonly unusable: number;
  readonly streamErrors: number;
}

interface RawListener {
  readonly hear: (callback: RawCallback) => void;
  readonly end: (failure: ProxyError | undefined) => void;
}

export interface FrameSourceOptions {
  readonly session: Session;
  readonly epochs?: Epochs | undefined;
  readonly hub: FrameHub;
  readonly converter: PixelConverter;
  readonly logger: Logger;
  readonly clock: Clock;
  /** For the pixels of frames, as they come. */
  readonly pool?: BufferPool | undefined;
  /** How long the subscription outlives its last viewer. */
  readonly lingerMs: number;
  readonly statisticsIntervalMs: number;
}

const firstRetryMs = 50;
const maxRetryMs = 1_000;
/** A server without the callback service will not grow one: ask seldom. */
const unimplementedRetryMs = 10_000;
const registerWaitMs = 5_000;

/** The one subscription to Octane's callbacks, kept while somebody views or has registered. */
export class FrameSource {
  readonly #options: FrameSourceOptions;
  readonly #calls: RenderCalls;
  readonly #builder: ResultBuilder;
  readonly #rawListeners = new Set<RawListener>();
  readonly #stateListeners = new Set<() => void>();
  readonly #stopListening: (() => void)[];
  #state: SourceState = "idle";
  #lifetime: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();
  #cancelLinger: (() => void) | undefined;
  #restart: AbortController | undefined;
  #statistics: RenderStatistics | undefined;
  #subscription: Subscription | undefined;
  #lastError: ProxyError | undefined;
  #imageError: ProxyError | undefined;
  #newestImage: RawCallback | undefined;
  #callbackId = 0;
  #counters = {
    callbacks: 0,
    lastCallbackAtMs: undefined as number | undefined,
    results: 0,
    published: 0,
    duplicates: 0,
    unusable: 0,
    streamErrors: 0,
  };

  constructor(options: FrameSourceOptions) {
    this.#options = options;
    this.#calls = createRenderCalls(options.session, options.pool);
    this.#builder = createResultBuilder(options.converter, options.clock);
    const { hub, session } = options;
    this.#stopListening = [
      hub.onViewersChange(() => this.#update()),
      session.upstream.onStateChange((state) => {
        // Where the stream has not ended with the old connection, nobody would tell that it brings nothing any more.
        if (state === "ready") this.#restart?.abort(connectionReplaced());
        hub.notify({
          type: "upstream",
          state,
          ...(state === "ready" && options.epochs?.current !== undefined
            ? { epoch: options.epochs.current }
            : {}),
          atMs: options.clock.nowMs(),
        });
      }),
      session.onContractChange(() => this.#restart?.abort()),
    ];
  }

  get state(): SourceState {
    return this.#state;
  }

  get counters(): SourceCounters {
    return { ...this.#counters };
  }

  /** As Octane answered the registration; 0 before. */
  get callbackId(): number {
    return this.#callbackId;
  }

  /** The newest that were fetched. */
  get statistics(): RenderStatistics | undefined {
    return this.#statistics;
  }

  /** Why the subscription is not there; undefined while streaming. */
  get lastError(): ProxyError | undefined {
    return this.#lastError;
  }

  /** Why the newest image could not be shown; undefined after one that could. */
  get imageError(): ProxyError | undefined {
    return this.#imageError;
  }

  /**
   * Starts the subscription if there is none, and keeps it for a while even if nobody views. Resolves when it
   * streams, or as soon as it is known that it does not yet: it then goes on trying.
   */
  async register(signal?: CallSignal): Promise<void> {
    this.#start();
    this.#update(true);
    if (this.#state === "streaming" || this.#options.session.upstream.state !== "ready") return;
    const errorsBefore = this.#counters.streamErrors;
    await new Promise<void>((resolve) => {
      const finish = () => {
        cancelWait();
        this.#stateListeners.delete(check);
        signal?.removeEventListener("abort", finish);
        resolve();
      };
      const check = () => {
        const isDecided = this.#state === "streaming" || this.#state === "closed";
        if (isDecided || this.#counters.streamErrors > errorsBefore) finish();
      };
      const cancelWait = this.#options.clock.after(registerWaitMs, finish);
      signal?.addEventListener("abort", finish);
      this.#stateListeners.add(check);
    });
  }

  /** The last `newImage` of the running subscription, which a call that joins now has missed. */
  get newestImage(): RawCallback | undefined {
    return this.#newestImage;
  }

  /**
   * Octane's callbacks as they come, duplicates too; keeps the subscription alive until the result is called. `end`
   * hears when callbacks were lost (or could not be had), or that Octane ended them in order (undefined); the
   * subscription goes on trying all the same.
   */
  onCallback(hear: RawListener["hear"], end: RawListener["end"] = () => undefined): () => void {
    const listener = { hear, end };
    this.#rawListeners.add(listener);
    this.#update();
    return () => {
      if (this.#rawListeners.delete(listener)) this.#update();
    };
  }

  /** Fetches statistics soon and tells viewers. */
  refreshStatistics(): void {
    this.#subscription?.refreshStatistics();
  }

  /** Takes the registration back while Octane is there, and resolves when nothing is left. Idempotent. */
  async close(): Promise<void> {
    this.#tellEnd(shuttingDown());
    this.#stop();
    this.#setState("closed");
    for (const stop of this.#stopListening.splice(0)) stop();
    await this.#running;
  }

  #setState(state: SourceState): void {
    if (this.#state !== "closed") this.#state = state;
    for (const listener of [...this.#stateListeners]) listener();
  }

  #update(isRegistration = false): void {
    if (this.#state === "closed") return;
    const isWanted = this.#options.hub.viewerCount > 0 || this.#rawListeners.size > 0;
    if (isWanted) this.#start();
    if ((isWanted || isRegistration) && this.#cancelLinger !== undefined) {
      this.#cancelLinger();
      this.#cancelLinger = undefined;
    }
    if (!isWanted && this.#lifetime !== undefined && this.#cancelLinger === undefined) {
      this.#cancelLinger = this.#options.clock.after(this.#options.lingerMs, () => this.#stop());
    }
  }

  #start(): void {
    if (this.#lifetime !== undefined || this.#state === "closed") return;
    const lifetime = new AbortController();
    this.#lifetime = lifetime;
    setMaxListeners(0, lifetime.signal);
    this.#setState("waiting");
    // After the end of the one before, or its last act would take the new registration back.
    this.#running = this.#running.then(() => this.#run(lifetime.signal));
  }

  #stop(): void {
    this.#cancelLinger?.();
    this.#cancelLinger = undefined;
    this.#lifetime?.abort();
    this.#lifetime = undefined;
    this.#options.hub.clear();
    this.#builder.reset();
    this.#statistics = undefined;
    this.#imageError = undefined;
    this.#setState("idle");
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { session, logger } = this.#options;
    let retryMs = firstRetryMs;
    while (!signal.aborted) {
      const callbacksBefore = this.#counters.callbacks;
      try {
        await session.upstream.ready(signal);
        await this.#subscribe(signal);
      } catch (thrown) {
        if (signal.aborted) break;
        const error = asProxyError(thrown);
        if (this.#lastError?.message !== error.message) {
          logger.warn("lost octane's callbacks, trying again", {
            reason: error.reason,
            error: error.message,
          });
        }
        this.#lastError = error;
        this.#counters.streamErrors++;
        this.#tellEnd(error);
      }
      if (signal.aborted) break;
      this.#setState("waiting");
      if (this.#counters.callbacks > callbacksBefore) retryMs = firstRetryMs;
      const isMissing = this.#lastError?.code === "UNIMPLEMENTED";
      await this.#pause(isMissing ? unimplementedRetryMs : retryMs, signal);
      retryMs = Math.min(retryMs * 2, maxRetryMs);
    }
    if (session.upstream.state === "ready") await this.#calls.unregister();
  }

  /** Ends early when Octane comes back: what was learnt about the one before says nothing about it. */
  async #pause(delayMs: number, signal: AbortSignal): Promise<void> {
    const { clock, session } = this.#options;
    await new Promise<void>((resolve) => {
      const finish = () => {
        cancelWait();
        stopListening();
        signal.removeEventListener("abort", finish);
        resolve();
      };
      const cancelWait = clock.after(delayMs, finish);
      const stopListening = session.upstream.onStateChange((state) => {
        if (state === "ready") finish();
      });
      signal.addEventListener("abort", finish);
    });
  }

  async #subscribe(lifetime: AbortSignal): Promise<void> {
    const restart = new AbortController();
    this.#restart = restart;
    this.#setState("starting");
    const { clock, logger, statisticsIntervalMs } = this.#options;
    const subscription = new Subscription({
      calls: this.#calls,
      clock,
      logger,
      statisticsIntervalMs,
      listener: this.#createListener(),
    });
    this.#subscription = subscription;
    try {
      await subscription.run(AbortSignal.any([lifetime, restart.signal]));
      this.#tellEnd(undefined);
    } catch (error) {
      if (!restart.signal.aborted || lifetime.aborted) throw error;
      // A changed contract is no failure: the next round uses it.
      if (restart.signal.reason instanceof ProxyError) throw restart.signal.reason;
    } finally {
      this.#restart = undefined;
      this.#subscription = undefined;
      this.#keepNewest(undefined);
    }
  }

  #keepNewest(callback: RawCallback | undefined): void {
    callback?.memory?.hold();
    this.#newestImage?.memory?.release();
    this.#newestImage = callback;
  }

  #tellEnd(failure: ProxyError | undefined): void {
    for (const listener of [...this.#rawListeners]) listener.end(failure);
  }

  #createListener(): SubscriptionListener {
    const { clock, hub } = this.#options;
    return {
      onStart: (callbackId) => {
        this.#callbackId = callbackId;
        this.#lastError = undefined;
        this.#setState("streaming");
      },
      onCallback: (callback) => {
        this.#counters.callbacks++;
        this.#counters.lastCallbackAtMs = clock.nowMs();
        if (callback.type === "newImage") this.#keepNewest(callback);
        for (const listener of [...this.#rawListeners]) listener.hear(callback);
      },
      onImages: (images, origin, memory) => this.#publish(images, origin, memory),
      untilTaken: () => hub.untilTaken(),
      onStatistics: (statistics, origin) => {
        this.#statistics = statistics;
        hub.notify({ type: "newStatistics", atMs: clock.nowMs(), statistics, ...origin });
      },
      onNotice: (type, origin) => hub.notify({ type, atMs: clock.nowMs(), ...origin }),
    };
  }

  #publish(images: readonly WireImage[], origin: CallbackOrigin, memory: FrameMemory | undefined): void {
    const built = this.#builder.build(images, origin, memory);
    if (built.kind === "empty") return;
    this.#counters.results++;
    if (built.kind === "duplicate") {
      this.#counters.duplicates++;
      return;
    }
    if (built.kind === "unusable") {
      this.#counters.unusable++;
      const isNews = this.#imageError?.message !== built.error.message;
      this.#imageError = built.error;
      if (!isNews) return;
      const { message } = built.error;
      this.#options.logger.warn("cannot show octane's image", { error: message });
      this.#options.hub.notify({ type: "imageError", atMs: this.#options.clock.nowMs(), error: message });
      return;
    }
    this.#imageError = undefined;
    this.#counters.published++;
    this.#options.hub.publish(built.result);
  }
}

function connectionReplaced(): ProxyError {
  return new ProxyError("upstream_unavailable", "the connection to octane has been replaced by another");
}
