import { setMaxListeners } from "node:events";
import { asProxyError, type ProxyError } from "../errors.ts";
import type { Logger } from "../observe/logger.ts";
import type { CallTarget, Session } from "../rpc/session.ts";
import type { Clock } from "./clock.ts";
import { type Coalesced, coalesce } from "./coalesced.ts";
import type { FrameHub } from "./frame-hub.ts";
import type { PixelConverter } from "./pixels.ts";
import { type CallbackChannel, createRenderCalls, type RenderCalls } from "./render-calls.ts";
import type { CallbackOrigin, RenderStatistics } from "./render-event.ts";
import type { CallbackMessage, WireImage } from "./render-messages.ts";
import { createResultBuilder, type ResultBuilder } from "./result-builder.ts";

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

/** A callback as Octane sent it, for calls of `callbackChannel` that join this subscription. */
export interface RawCallback {
  readonly wire: Uint8Array;
  readonly target: CallTarget;
}

export interface FrameSourceOptions {
  readonly session: Session;
  readonly hub: FrameHub;
  readonly converter: PixelConverter;
  readonly logger: Logger;
  readonly clock: Clock;
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
  readonly #rawListeners = new Set<(callback: RawCallback) => void>();
  readonly #stateListeners = new Set<() => void>();
  readonly #stopListening: (() => void)[];
  #state: SourceState = "idle";
  #lifetime: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();
  #cancelLinger: (() => void) | undefined;
  #restart: AbortController | undefined;
  #statistics: RenderStatistics | undefined;
  #statisticsFetch: Coalesced | undefined;
  #lastError: ProxyError | undefined;
  #imageError: ProxyError | undefined;
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
    this.#calls = createRenderCalls(options.session);
    this.#builder = createResultBuilder(options.converter, options.clock);
    const { hub, session } = options;
    this.#stopListening = [
      hub.onViewersChange(() => this.#update()),
      session.upstream.onStateChange((state) =>
        hub.notify({ type: "upstream", state, atMs: options.clock.nowMs() }),
      ),
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
  async register(signal?: AbortSignal): Promise<void> {
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

  /** Octane's callbacks as they come, duplicates too; keeps the subscription alive until the result is called. */
  onCallback(listener: (callback: RawCallback) => void): () => void {
    this.#rawListeners.add(listener);
    this.#update();
    return () => {
      if (this.#rawListeners.delete(listener)) this.#update();
    };
  }

  /** Fetches statistics soon and tells viewers. */
  refreshStatistics(): void {
    this.#statisticsFetch?.notice();
  }

  /** Takes the registration back while Octane is there, and resolves when nothing is left. Idempotent. */
  async close(): Promise<void> {
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

  /** One subscription from registration to the end of the stream; throws what ended it. */
  async #subscribe(lifetime: AbortSignal): Promise<void> {
    const restart = new AbortController();
    this.#restart = restart;
    const ended = new AbortController();
    const signal = AbortSignal.any([lifetime, restart.signal, ended.signal]);
    setMaxListeners(0, signal);
    this.#setState("starting");
    const fetches = this.#createFetches(signal);
    try {
      this.#callbackId = await this.#register(signal);
      const channel = this.#calls.openCallbackChannel(signal);
      this.#lastError = undefined;
      this.#setState("streaming");
      this.#options.logger.info("subscribed to octane's callbacks", { callbackId: this.#callbackId });
      // A render that has finished gives no more notices, so what there is must be asked for.
      fetches.images.notice();
      fetches.statistics.notice();
      await this.#follow(channel, fetches);
    } catch (error) {
      // A changed contract is no failure: the next round uses it.
      if (!restart.signal.aborted || lifetime.aborted) throw error;
    } finally {
      ended.abort();
      fetches.images.stop();
      fetches.statistics.stop();
      this.#restart = undefined;
      this.#statisticsFetch = undefined;
    }
  }

  async #register(signal: AbortSignal): Promise<number> {
    try {
      return await this.#calls.register(signal);
    } catch (thrown) {
      const error = asProxyError(thrown);
      if (error.reason !== "upstream_status" && error.culprit !== "request") throw error;
      if (signal.aborted) throw error;
      // Octane's own example opens the stream without registering, so a refusal need not mean silence.
      this.#options.logger.warn("octane refused the image callback, listening all the same", {
        error: error.message,
      });
      return 0;
    }
  }

  async #follow(channel: CallbackChannel, fetches: Fetches): Promise<void> {
    // Nobody reads headers or trailers; a failure arrives through the messages.
    channel.stream.headers.catch(() => undefined);
    channel.stream.trailers.catch(() => undefined);
    for await (const wire of channel.stream.messages) {
      this.#counters.callbacks++;
      this.#counters.lastCallbackAtMs = this.#options.clock.nowMs();
      for (const listener of this.#rawListeners) listener({ wire, target: channel.target });
      this.#dispatch(channel.read(wire), fetches);
    }
  }

  #dispatch(message: CallbackMessage, fetches: Fetches): void {
    switch (message.type) {
      case "newImage":
        fetches.origin = message.origin;
        if (message.images === undefined) fetches.images.notice();
        else {
          fetches.pixelCallbacks++;
          this.#publish(message.images, message.origin);
        }
        fetches.statistics.notice();
        return;
      case "newStatistics":
        fetches.origin = message.origin;
        fetches.statistics.notice();
        return;
      case "renderFailure":
      case "projectManagerChanged":
        this.#options.hub.notify({
          type: message.type,
          atMs: this.#options.clock.nowMs(),
          ...message.origin,
        });
        return;
      case "other":
        return;
      default:
        message satisfies never;
    }
  }

  #createFetches(signal: AbortSignal): Fetches {
    const { clock, logger, hub, statisticsIntervalMs } = this.#options;
    const attempt = (what: string, task: () => Promise<void>) => async () => {
      try {
        await task();
      } catch (error) {
        if (!signal.aborted) logger.debug(`could not fetch ${what}`, { error: asProxyError(error).message });
      }
    };
    const fetches: Fetches = {
      origin: { callbackId: this.#callbackId, userData: 0 },
      pixelCallbacks: 0,
      images: coalesce(
        attempt("the render result", async () => {
          const { pixelCallbacks } = fetches;
          const images = await this.#calls.grabImages(signal);
          // Pixels that a callback brought meanwhile are newer than what was asked for before.
          const isOvertaken = fetches.pixelCallbacks > pixelCallbacks;
          if (images !== undefined && !isOvertaken && !signal.aborted) this.#publish(images, fetches.origin);
        }),
        { clock },
      ),
      statistics: coalesce(
        attempt("render statistics", async () => {
          const statistics = await this.#calls.statistics(signal);
          if (statistics === undefined || signal.aborted) return;
          this.#statistics = statistics;
          hub.notify({ type: "newStatistics", atMs: clock.nowMs(), statistics, ...fetches.origin });
        }),
        { clock, intervalMs: statisticsIntervalMs },
      ),
    };
    this.#statisticsFetch = fetches.statistics;
    return fetches;
  }

  #publish(images: readonly WireImage[], origin: CallbackOrigin): void {
    const built = this.#builder.build(images, origin);
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

interface Fetches {
  /** Of the newest notice. */
  origin: CallbackOrigin;
  /** Callbacks that carried pixels. */
  pixelCallbacks: number;
  readonly images: Coalesced;
  readonly statistics: Coalesced;
}
