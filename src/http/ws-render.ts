import { asProxyError, type ProxyError } from "../errors.ts";
import { encodeFrameHeader, frameHeaderBytes } from "../render/frame-header.ts";
import { chooseQuality, type LadderChoice } from "../render/quality-ladder.ts";
import type { PublishedFrame, RenderEvent } from "../render/render-event.ts";
import type { RenderFeed } from "../render/render-feed.ts";
import type { Viewer } from "../render/viewer.ts";
import type { CallTarget } from "../rpc/session.ts";
import { errorExtras } from "./error-reply.ts";
import type { UpgradeRoute } from "./route.ts";
import {
  parseStreamMessage,
  readStreamQuery,
  type StreamMessage,
  type StreamOptions,
} from "./ws-render-messages.ts";
import { acceptViewerSocket, type ViewerSocket } from "./ws-socket.ts";

/** Throws ProxyError `denied_method` where clients may not call the method. */
export type CheckCall = (target: CallTarget) => void;

const maxPendingReplies = 64;

/** `WS /render/ws`: binary frames with acknowledgement, options that may change, camera poses back. */
export function createRenderSocketRoute(feed: RenderFeed, checkCall: CheckCall): UpgradeRoute {
  return {
    path: "/render/ws",
    takesTicket: true,
    handle(request, socket, head, context) {
      const stream = new RenderSocket(feed, checkCall, readStreamQuery(context.query, feed.findPass));
      socket.once("close", () => stream.gone());
      acceptViewerSocket(
        request,
        socket,
        head,
        context,
        feed.clock,
        (viewerSocket) => void stream.open(viewerSocket),
      );
    },
  };
}

class RenderSocket {
  readonly #feed: RenderFeed;
  readonly #checkCall: CheckCall;
  readonly #options: StreamOptions;
  readonly #viewer: Viewer;
  /** Sequence numbers sent and not acknowledged, oldest first. */
  readonly #unacknowledged: number[] = [];
  #socket: ViewerSocket | undefined;
  #pendingReplies = 0;
  #hasLibrary = false;
  #lastSequence: number | undefined;
  #lastChangeLevel: number | undefined;
  #lastMoveAtMs: number | undefined;
  #cancelBetter: (() => void) | undefined;

  constructor(feed: RenderFeed, checkCall: CheckCall, options: StreamOptions) {
    this.#feed = feed;
    this.#checkCall = checkCall;
    this.#options = options;
    const { pass, fps, minSamples } = options;
    this.#viewer = feed.hub.addViewer(
      { kind: "ws", pass, fps, minSamples },
      {
        sendFrame: (published) => this.#sendFrame(published),
        sendEvent: async (event) => await this.#socket?.sendText(JSON.stringify(eventOf(event))),
        canTakeFrame: () => options.inFlight === 0 || this.#unacknowledged.length < options.inFlight,
        close: (reason) => {
          this.#cancelBetter?.();
          this.#socket?.close(1000, reason);
        },
      },
    );
  }

  async open(socket: ViewerSocket): Promise<void> {
    this.#socket = socket;
    socket.onText((text) => this.#receive(text));
    this.#hasLibrary = await this.#feed.images.hasLibrary();
    this.#reply({
      type: "connected",
      client_id: this.#viewer.id,
      epoch: this.#feed.handleEpoch ?? null,
      upstream: this.#feed.session.upstream.state,
      header: { version: 1, bytes: frameHeaderBytes },
      options: this.#options,
    });
    await this.#checkFormat();
    this.#viewer.start();
  }

  gone(): void {
    this.#viewer.close("the viewer has gone");
  }

  async #sendFrame(published: PublishedFrame): Promise<void> {
    const { frame } = published;
    const nowMs = this.#feed.clock.nowMs();
    if (this.#lastChangeLevel !== undefined && this.#lastChangeLevel !== frame.changeLevel)
      this.#lastMoveAtMs = nowMs;
    this.#lastChangeLevel = frame.changeLevel;
    const choice = this.#choose(published, nowMs);
    const share = await this.#feed.imageFrame(published, choice.settings);
    const header = encodeFrameHeader({
      frame,
      format: choice.settings.format,
      width: share.width,
      height: share.height,
      payloadBytes: share.bytes.length,
      rung: choice.rung,
      isAgain: this.#lastSequence === frame.sequence,
    });
    this.#lastSequence = frame.sequence;
    if (this.#options.inFlight > 0) this.#unacknowledged.push(frame.sequence);
    await this.#socket?.sendBinary(header, share.bytes);
    share.release();
    this.#planBetter(choice.betterInMs);
  }

  #choose({ frame }: PublishedFrame, nowMs: number): LadderChoice {
    const { format, quality, width, lossless } = this.#options;
    if (format !== "auto") {
      return { rung: "resting", settings: { format, quality, width }, betterInMs: undefined };
    }
    const poseAtMs = this.#feed.camera.lastPoseAtMs ?? Number.NEGATIVE_INFINITY;
    const moveAtMs = Math.max(poseAtMs, this.#lastMoveAtMs ?? Number.NEGATIVE_INFINITY);
    return chooseQuality({
      nowMs,
      lastMoveAtMs: Number.isFinite(moveAtMs) ? moveAtMs : undefined,
      samples: frame.samples,
      maxSamples: frame.maxSamples,
      frameWidth: frame.width,
      hasLibrary: this.#hasLibrary,
      quality,
      width,
      lossless,
    });
  }

  /** A render that has come to rest sends no more frames, so the last one is sent again when it may be better. */
  #planBetter(betterInMs: number | undefined): void {
    this.#cancelBetter?.();
    this.#cancelBetter = undefined;
    if (betterInMs === undefined || this.#viewer.isClosed) return;
    this.#cancelBetter = this.#feed.clock.after(betterInMs, () => {
      if (this.#feed.hub.newest?.sequence === this.#lastSequence) this.#feed.hub.offerAgain(this.#viewer);
    });
  }

  #receive(text: string): void {
    try {
      this.#obey(parseStreamMessage(text, this.#feed.findPass));
    } catch (error) {
      this.#replyError(asProxyError(error));
    }
  }

  #obey(message: StreamMessage): void {
    switch (message.type) {
      case "ack":
        this.#acknowledge(message.sequence);
        return;
      case "camera":
        this.#checkCall(this.#feed.session.findMethod("LiveLinkService", "SetCamera"));
        this.#feed.camera.push(message.pose, (error) => this.#replyError(error));
        return;
      case "options":
        void this.#change(message.options);
        return;
      case "ping":
        this.#reply({ type: "pong", timestamp: this.#feed.clock.nowMs() / 1000 });
        return;
      default:
        message satisfies never;
    }
  }

  /** Acknowledges everything sent up to and with that frame. */
  #acknowledge(sequence: number): void {
    const index = this.#unacknowledged.lastIndexOf(sequence);
    if (index < 0) return;
    this.#unacknowledged.splice(0, index + 1);
    this.#viewer.wake();
  }

  async #change(changes: Partial<StreamOptions>): Promise<void> {
    Object.assign(this.#options, changes);
    const { pass, fps, minSamples } = this.#options;
    Object.assign(this.#viewer.options, { pass, fps, minSamples });
    if (this.#options.inFlight === 0) this.#unacknowledged.length = 0;
    await this.#checkFormat();
    this.#reply({ type: "options", options: this.#options });
    this.#feed.hub.offerAgain(this.#viewer);
  }

  /** A format that cannot be made is told, and the ladder chooses in its place. */
  async #checkFormat(): Promise<void> {
    const { format } = this.#options;
    if (format === "auto") return;
    try {
      await this.#feed.images.requireFormat(format);
    } catch (error) {
      this.#options.format = "auto";
      this.#replyError(asProxyError(error));
    }
  }

  #replyError(error: ProxyError): void {
    this.#reply({ type: "error", error: error.message, code: error.code, ...errorExtras(error) });
  }

  /** A viewer that asks without reading the answers is closed, or they would pile up. */
  #reply(message: Record<string, unknown>): void {
    if (this.#viewer.isClosed || this.#socket === undefined) return;
    if (this.#pendingReplies >= maxPendingReplies) {
      this.#viewer.close("does not read its replies");
      return;
    }
    this.#pendingReplies++;
    const done = () => {
      this.#pendingReplies--;
    };
    this.#socket.sendText(JSON.stringify(message)).then(done, done);
  }
}

function eventOf({ atMs, ...event }: RenderEvent): Record<string, unknown> {
  return { ...event, timestamp: atMs / 1000 };
}
