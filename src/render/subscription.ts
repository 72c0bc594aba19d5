import { setMaxListeners } from "node:events";
import { asProxyError } from "../errors.ts";
import type { Logger } from "../observe/logger.ts";
import type { CallTarget } from "../rpc/session.ts";
import type { Clock } from "./clock.ts";
import { type Coalesced, coalesce } from "./coalesced.ts";
import type { FrameMemory } from "./frame-memory.ts";
import type { CallbackChannel, RenderCalls } from "./render-calls.ts";
import type { CallbackOrigin, RenderStatistics } from "./render-event.ts";
import type { CallbackMessage, WireImage } from "./render-messages.ts";

/** A callback as Octane sent it, for calls of `callbackChannel` that join this subscription. */
export interface RawCallback {
  readonly type: CallbackMessage["type"];
  readonly wire: Uint8Array;
  /** Where `wire` lies, if it is used again: to be held by whoever keeps the callback. */
  readonly memory: FrameMemory | undefined;
  readonly target: CallTarget;
}

/** What a subscription tells. */
export interface SubscriptionListener {
  onStart(callbackId: number): void;
  /** Every message of the stream, before what follows from it. */
  onCallback(callback: RawCallback): void;
  /** A render result: from a callback or fetched; may equal the one before, is never older. */
  onImages(images: readonly WireImage[], origin: CallbackOrigin, memory?: FrameMemory): void;
  /** Resolves when the next result is of use, undefined where it is now; images are not fetched before. */
  untilTaken(): Promise<void> | undefined;
  onStatistics(statistics: RenderStatistics, origin: CallbackOrigin): void;
  onNotice(type: "renderFailure" | "projectManagerChanged", origin: CallbackOrigin): void;
}

export interface SubscriptionInit {
  readonly calls: RenderCalls;
  readonly listener: SubscriptionListener;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly statisticsIntervalMs: number;
}

const retryFetchMs = 500;
/** Of a fetch in flight at the end, so that Octane is not left holding its result. */
const maxFetchEndMs = 2_000;

/** One subscription, from registration to the end of the callback stream. */
export class Subscription {
  readonly #init: SubscriptionInit;
  readonly #ended = new AbortController();
  readonly #imageFetch: Coalesced;
  readonly #statisticsFetch: Coalesced;
  /** Of the newest notice. */
  #origin: CallbackOrigin = { callbackId: 0, userData: 0 };
  /** Callbacks that carried pixels. */
  #pixelCallbacks = 0;
  #cancelRetry: (() => void) | undefined;

  constructor(init: SubscriptionInit) {
    this.#init = init;
    const { clock, statisticsIntervalMs } = init;
    this.#imageFetch = coalesce(() => this.#fetchImages().catch((error) => this.#imageFetchFailed(error)), {
      clock,
      untilUseful: () => init.listener.untilTaken(),
    });
    this.#statisticsFetch = coalesce(
      () => this.#fetchStatistics().catch((error) => this.#logFailure("render statistics", error)),
      { clock, intervalMs: statisticsIntervalMs },
    );
  }

  /** Resolves when Octane ended the stream; throws what else ended it. Runs once. */
  async run(outer: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([outer, this.#ended.signal]);
    setMaxListeners(0, signal);
    try {
      const callbackId = await this.#register(signal);
      this.#origin = { callbackId, userData: 0 };
      const channel = this.#init.calls.openCallbackChannel(signal);
      this.#init.logger.info("subscribed to octane's callbacks", { callbackId });
      this.#init.listener.onStart(callbackId);
      // A render that has finished gives no more notices, so what there is must be asked for.
      this.#imageFetch.notice();
      this.#statisticsFetch.notice();
      await this.#follow(channel);
    } finally {
      this.#ended.abort();
      this.#cancelRetry?.();
      void this.#statisticsFetch.stop();
      await this.#within(maxFetchEndMs, this.#imageFetch.stop());
    }
  }

  /** Fetches statistics soon. */
  refreshStatistics(): void {
    this.#statisticsFetch.notice();
  }

  async #register(signal: AbortSignal): Promise<number> {
    try {
      return await this.#init.calls.register(signal);
    } catch (thrown) {
      const error = asProxyError(thrown);
      if (error.reason !== "upstream_status" && error.culprit !== "request") throw error;
      if (signal.aborted) throw error;
      // Octane's own example opens the stream without registering, so a refusal need not mean silence.
      this.#init.logger.warn("octane refused the image callback, listening all the same", {
        error: error.message,
      });
      return 0;
    }
  }

  async #follow(channel: CallbackChannel): Promise<void> {
    // Nobody reads headers or trailers; a failure arrives through the messages.
    channel.stream.headers.catch(() => undefined);
    channel.stream.trailers.catch(() => undefined);
    for await (const wire of channel.stream.messages) {
      const message = channel.read(wire);
      const memory = channel.memoryOf(wire);
      this.#init.listener.onCallback({ type: message.type, wire, memory, target: channel.target });
      this.#dispatch(message, memory);
    }
  }

  /** Takes over the hold on `memory`, where the message lies. */
  #dispatch(message: CallbackMessage, memory: FrameMemory | undefined): void {
    switch (message.type) {
      case "newImage":
        this.#origin = message.origin;
        if (message.images === undefined) this.#imageFetch.notice();
        else {
          this.#pixelCallbacks++;
          this.#init.listener.onImages(message.images, message.origin, memory);
        }
        this.#statisticsFetch.notice();
        return;
      case "newStatistics":
        this.#origin = message.origin;
        this.#statisticsFetch.notice();
        return;
      case "renderFailure":
      case "projectManagerChanged":
        this.#init.listener.onNotice(message.type, message.origin);
        return;
      case "other":
        return;
      default:
        message satisfies never;
    }
  }

  async #fetchImages(): Promise<void> {
    this.#cancelRetry?.();
    const pixelCallbacks = this.#pixelCallbacks;
    const grabbed = await this.#init.calls.grabImages();
    if (grabbed === undefined) return;
    // Pixels that a callback brought meanwhile are newer than what was asked for before.
    const isOvertaken = this.#pixelCallbacks > pixelCallbacks;
    if (isOvertaken || this.#ended.signal.aborted) grabbed.memory?.release();
    else this.#init.listener.onImages(grabbed.images, this.#origin, grabbed.memory);
  }

  async #fetchStatistics(): Promise<void> {
    const statistics = await this.#init.calls.statistics(this.#ended.signal);
    if (statistics === undefined || this.#ended.signal.aborted) return;
    this.#init.listener.onStatistics(statistics, this.#origin);
  }

  /** The notice may have been the last one of the render, so its picture is tried for again. */
  #imageFetchFailed(error: unknown): void {
    this.#logFailure("the render result", error);
    if (this.#ended.signal.aborted || asProxyError(error).code === "UNIMPLEMENTED") return;
    this.#cancelRetry = this.#init.clock.after(retryFetchMs, () => this.#imageFetch.notice());
  }

  /** Resolves with the task, or after the time. */
  async #within(mostMs: number, task: Promise<void>): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#init.clock.after(mostMs, resolve);
      void task.then(() => {
        cancel();
        resolve();
      });
    });
  }

  /** No more than a note: the callback stream itself tells when Octane is lost. */
  #logFailure(what: string, error: unknown): void {
    if (this.#ended.signal.aborted) return;
    this.#init.logger.debug(`could not fetch ${what}`, { error: asProxyError(error).message });
  }
}
