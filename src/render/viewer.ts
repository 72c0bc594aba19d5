import type { Clock } from "./clock.ts";
import type { PublishedFrame, RenderEvent, RenderResult } from "./render-event.ts";
import { findPass } from "./render-event.ts";

export type ViewerKind = "sse" | "callbacks" | "ws" | "mjpeg" | "still" | "export";

export interface ViewerOptions {
  readonly kind: ViewerKind;
  /** `RenderPassId` to show; default the displayed one. May change while it runs. */
  pass?: number | undefined;
  /** Most frames per second. May change while it runs. */
  fps?: number | undefined;
  /** Frames with fewer samples are not offered. May change while it runs. */
  minSamples?: number | undefined;
}

/** The way to one viewer. Either send resolves when the viewer's connection has taken everything. */
export interface ViewerSink {
  sendFrame(published: PublishedFrame): Promise<void>;
  sendEvent(event: RenderEvent): Promise<void>;
  /** False holds frames back in the mailbox until `Viewer.wake`. */
  canTakeFrame?(): boolean;
  /** Called once, when the viewer was closed from this side or a send failed. */
  close(reason: string): void;
}

export interface ViewerCounters {
  /** Frames put into the mailbox. At every moment offered = delivered + dropped + pending. */
  readonly offered: number;
  readonly delivered: number;
  readonly dropped: number;
  /** In the mailbox or being sent: 0, 1 or 2. */
  readonly pending: number;
}

const maxWaitingEvents = 64;
/** Viewers that are done with a frame's pixels when their send has ended; others keep frames for later. */
const kindsThatLetGo: ReadonlySet<ViewerKind> = new Set(["sse", "callbacks", "ws"]);

/**
 * One viewer: a mailbox of one frame (newest wins), the newest statistics, and a short queue of events in order.
 * Sends one thing at a time and takes the next when the connection has drained, so a slow viewer costs one
 * frame and delays nobody.
 */
export class Viewer {
  readonly id: string;
  readonly kind: ViewerKind;
  readonly openedAtMs: number;
  readonly options: ViewerOptions;
  readonly #sink: ViewerSink;
  readonly #clock: Clock;
  readonly #stallMs: number;
  readonly #onClose: (viewer: Viewer) => void;
  readonly #onDelivered: (sequence: number) => void;
  #state: "new" | "idle" | "sending" | "closed" = "new";
  #frame: PublishedFrame | undefined;
  #statistics: RenderEvent | undefined;
  readonly #events: RenderEvent[] = [];
  #isSendingFrame = false;
  #nextFrameAtMs = 0;
  #cancelPacing: (() => void) | undefined;
  #offered = 0;
  #delivered = 0;
  #dropped = 0;

  /** Made by the hub. */
  constructor(init: {
    id: string;
    options: ViewerOptions;
    sink: ViewerSink;
    clock: Clock;
    stallMs: number;
    onClose: (viewer: Viewer) => void;
    onDelivered: (sequence: number) => void;
  }) {
    this.id = init.id;
    this.kind = init.options.kind;
    this.options = init.options;
    this.openedAtMs = init.clock.nowMs();
    this.#sink = init.sink;
    this.#clock = init.clock;
    this.#stallMs = init.stallMs;
    this.#onClose = init.onClose;
    this.#onDelivered = init.onDelivered;
  }

  get counters(): ViewerCounters {
    const pending = (this.#frame === undefined ? 0 : 1) + (this.#isSendingFrame ? 1 : 0);
    return { offered: this.#offered, delivered: this.#delivered, dropped: this.#dropped, pending };
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** Begins sending: to be called once the connection has had its greeting. */
  start(): void {
    if (this.#state !== "new") return;
    this.#state = "idle";
    this.#pump();
  }

  /** Puts a result's frame into the mailbox, over an older one. */
  offer(result: RenderResult): void {
    if (this.isClosed) return;
    const published = findPass(result, this.options.pass);
    if (published === undefined || published.frame.samples < (this.options.minSamples ?? 0)) return;
    this.#offered++;
    published.memory?.hold();
    this.#dropFrame();
    this.#frame = published;
    this.#pump();
  }

  notify(event: RenderEvent): void {
    if (this.isClosed) return;
    if (event.type === "newStatistics") this.#statistics = event;
    else if (this.#events.length >= maxWaitingEvents) {
      this.close(`fell behind by ${maxWaitingEvents} events`);
      return;
    } else this.#events.push(event);
    this.#pump();
  }

  /** Looks again whether the sink can take a frame. */
  wake(): void {
    this.#pump();
  }

  /** Idempotent. Frames not yet delivered count as dropped. */
  close(reason: string): void {
    if (this.isClosed) return;
    this.#state = "closed";
    if (this.#isSendingFrame) this.#dropped++;
    this.#dropFrame();
    this.#isSendingFrame = false;
    this.#statistics = undefined;
    this.#events.length = 0;
    this.#cancelPacing?.();
    this.#onClose(this);
    this.#sink.close(reason);
  }

  #pump(): void {
    if (this.#state !== "idle") return;
    const event = this.#events.shift() ?? this.#takeStatistics();
    if (event !== undefined) {
      this.#send(this.#sink.sendEvent(event));
      return;
    }
    const published = this.#takeFrame();
    if (published === undefined) return;
    this.#isSendingFrame = true;
    this.#send(this.#sink.sendFrame(published), published);
  }

  /** What waits in the mailbox is not sent. */
  #dropFrame(): void {
    if (this.#frame === undefined) return;
    this.#dropped++;
    this.#frame.memory?.release();
    this.#frame = undefined;
  }

  #takeStatistics(): RenderEvent | undefined {
    const event = this.#statistics;
    this.#statistics = undefined;
    return event;
  }

  #takeFrame(): PublishedFrame | undefined {
    const published = this.#frame;
    if (published === undefined || this.#sink.canTakeFrame?.() === false) return undefined;
    const { fps } = this.options;
    if (fps !== undefined) {
      const nowMs = this.#clock.nowMs();
      const waitMs = this.#nextFrameAtMs - nowMs;
      if (waitMs > 0) {
        this.#cancelPacing?.();
        this.#cancelPacing = this.#clock.after(waitMs, () => this.#pump());
        return undefined;
      }
      // Counted from when the frame was due, so that a late timer does not lower the rate.
      const intervalMs = 1000 / fps;
      this.#nextFrameAtMs = (-waitMs < intervalMs ? this.#nextFrameAtMs : nowMs) + intervalMs;
    }
    this.#frame = undefined;
    return published;
  }

  #send(sending: Promise<void>, published?: PublishedFrame): void {
    this.#state = "sending";
    const cancelStall = this.#watchForStall();
    sending.then(
      () => {
        cancelStall();
        // A send that failed may still have pixels under way: those are left to the garbage collector.
        if (kindsThatLetGo.has(this.kind)) published?.memory?.release();
        if (this.isClosed) return;
        if (published !== undefined) this.#delivered++;
        this.#isSendingFrame = false;
        this.#state = "idle";
        this.#pump();
        if (published !== undefined) this.#onDelivered(published.frame.sequence);
      },
      (error: unknown) => {
        cancelStall();
        this.close(error instanceof Error ? error.message : String(error));
      },
    );
  }

  /** A disk that is slow has no connection that might be dead: it may take its time. */
  #watchForStall(): () => void {
    if (this.kind === "export") return () => undefined;
    return this.#clock.after(this.#stallMs, () =>
      this.close(`took nothing for ${Math.round(this.#stallMs / 1000)} s`),
    );
  }
}
