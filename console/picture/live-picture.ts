import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { CameraPose, Frame, FrameEvent, FrameStream } from "../../src/client/client.ts";
import { linkState } from "../api/health.ts";
import { client, getJson, needsToken } from "../api/proxy.ts";
import { paintFrame } from "./frame-painter.ts";
import { createFrameRate } from "./frame-rate.ts";

/** Octane's `RenderState`. */
export type RenderState = "stopped" | "waiting" | "rendering" | "paused" | "finished";

export interface PictureInfo {
  readonly width: number;
  readonly height: number;
  /** Of what was sent, which is smaller while things move. */
  readonly sentWidth: number;
  readonly sentBytes: number;
  readonly format: Frame["format"];
  readonly phase: Frame["phase"];
  readonly samples: number;
  readonly maxSamples: number;
  readonly renderTimeSeconds: number;
  /** When the proxy had it, by this machine's clock. */
  readonly receivedAt: Date;
  /** From the proxy to this screen; undefined until the clocks were compared. */
  readonly latencyMs: number | undefined;
}

/** What Octane renders, as it comes over `WS /render/ws`. */
export interface LivePicture {
  /** Of the newest frame on the canvas; undefined before the first. */
  readonly info: ReadonlySignal<PictureInfo | undefined>;
  /** The picture on the canvas is not what Octane has: the way there is interrupted. */
  readonly isOld: ReadonlySignal<boolean>;
  readonly renderState: ReadonlySignal<RenderState | undefined>;
  /** Until the last sample; undefined while unknown or nothing is rendered. */
  readonly secondsLeft: ReadonlySignal<number | undefined>;
  readonly framesPerSecond: ReadonlySignal<number>;
  /** Frames that the proxy left out for this viewer because newer ones were there. */
  readonly droppedFrames: ReadonlySignal<number>;
  /** Why there is no picture, or no newer one, though Octane is there. */
  readonly problem: ReadonlySignal<string | undefined>;
  /** What this viewer sent was refused. */
  onRefusal: ((message: string) => void) | undefined;
  /** Told of every message that is no frame. */
  onEvent: ((event: FrameEvent) => void) | undefined;
  /** The canvas that frames are painted on from now on. */
  attach(canvas: HTMLCanvasElement | null): void;
  /** In pixels of the screen: the proxy then scales down what is larger; undefined: as rendered. */
  setWidth(widthPx: number | undefined): void;
  sendCamera(pose: CameraPose): void;
  close(): void;
}

const renderStates = ["stopped", "waiting", "rendering", "paused", "finished"] as const;
const clockEveryMs = 5_000;
const countEveryMs = 1_000;

/** Begins at once, comes back by itself, and ends with `close`. */
export function openLivePicture(): LivePicture {
  const info = signal<PictureInfo | undefined>(undefined);
  const isConnected = signal(false);
  const upstream = signal<string>("connecting");
  const renderState = signal<RenderState | undefined>(undefined);
  const secondsLeft = signal<number | undefined>(undefined);
  const framesPerSecond = signal(0);
  const droppedFrames = signal(0);
  const problem = signal<string | undefined>(undefined);
  const rate = createFrameRate();
  let canvas: HTMLCanvasElement | null = null;
  let stream: FrameStream | undefined;
  let lastFrame: Frame | undefined;
  let width: number | undefined;
  let clientId: string | undefined;
  let pingedAtMs = 0;
  /** The proxy's clock minus ours. */
  let clockOffsetMs: number | undefined;
  const picture: LivePicture = {
    info,
    isOld: computed(() => info.value !== undefined && !(isConnected.value && upstream.value === "ready")),
    renderState,
    secondsLeft,
    framesPerSecond,
    droppedFrames,
    problem,
    onRefusal: undefined,
    onEvent: undefined,
    attach(element) {
      canvas = element;
      if (lastFrame !== undefined) void show(lastFrame);
    },
    setWidth(widthPx) {
      if (widthPx === width) return;
      width = widthPx;
      stream?.set({ width: widthPx ?? null });
    },
    sendCamera: (pose) => stream?.sendCamera(pose),
    close() {
      stopFollowing();
      stream?.close();
      clearInterval(clockTimer);
      clearInterval(countTimer);
    },
  };

  // A new token is a new client; a proxy that was away is tried by the stream itself.
  const stopFollowing = effect(() => {
    const { value } = client;
    if (needsToken.value) return;
    stream?.close();
    stream = value.frames({ width, onEvent: hear });
    void watch(stream);
  });
  const clockTimer = setInterval(compareClocks, clockEveryMs);
  const countTimer = setInterval(() => void count(), countEveryMs);
  return picture;

  async function watch(frames: FrameStream): Promise<void> {
    try {
      for await (const frame of frames) {
        lastFrame = frame;
        await show(frame);
        rate.count(performance.now());
        framesPerSecond.value = rate.perSecond(performance.now());
      }
    } catch (error) {
      isConnected.value = false;
      problem.value = error instanceof Error ? error.message : String(error);
    }
  }

  async function show(frame: Frame): Promise<void> {
    if (canvas === null) return;
    try {
      await paintFrame(canvas, frame);
    } catch {
      problem.value = "the browser could not read the picture";
      return;
    }
    problem.value = undefined;
    info.value = describe(frame);
  }

  function describe(frame: Frame): PictureInfo {
    const isFresh = !frame.isAgain && clockOffsetMs !== undefined;
    return {
      width: frame.frameWidth,
      height: frame.frameHeight,
      sentWidth: frame.width,
      sentBytes: frame.bytes.length,
      format: frame.format,
      phase: frame.phase,
      samples: frame.samples,
      maxSamples: frame.maxSamples,
      renderTimeSeconds: frame.renderTimeSeconds,
      receivedAt: new Date(frame.receivedAtMs - (clockOffsetMs ?? 0)),
      latencyMs: isFresh
        ? Math.max(0, Date.now() + (clockOffsetMs ?? 0) - frame.receivedAtMs)
        : info.peek()?.latencyMs,
    };
  }

  function hear(event: FrameEvent): void {
    picture.onEvent?.(event);
    switch (event.type) {
      case "connected":
        isConnected.value = true;
        upstream.value = String(event.upstream);
        clientId = String(event.client_id);
        compareClocks();
        return;
      case "disconnected":
        isConnected.value = false;
        return;
      case "upstream":
        upstream.value = String(event.state);
        if (event.state === "ready") problem.value = undefined;
        return;
      case "newStatistics":
        readStatistics(event.statistics as Readonly<Record<string, unknown>>);
        return;
      case "imageError":
        problem.value = String(event.error);
        return;
      case "renderFailure":
        problem.value = "Octane says that the render failed";
        return;
      case "pong":
        clockOffsetMs = Number(event.timestamp) * 1000 - (pingedAtMs + Date.now()) / 2;
        return;
      case "error":
        picture.onRefusal?.(String(event.error));
    }
  }

  function readStatistics({
    state,
    renderTime,
    estimatedRenderTime,
  }: Readonly<Record<string, unknown>>): void {
    renderState.value = renderStates[Number(state)];
    const left = Number(estimatedRenderTime) - Number(renderTime);
    secondsLeft.value = renderState.value === "rendering" && left > 0 ? left : undefined;
  }

  function compareClocks(): void {
    pingedAtMs = Date.now();
    stream?.ping();
  }

  async function count(): Promise<void> {
    framesPerSecond.value = rate.perSecond(performance.now());
    if (!isConnected.peek() || linkState.peek() !== "ready" || document.hidden) return;
    try {
      const { status } = await getJson<CallbackStatus>("/render/callback-status");
      const viewer = status.viewers.find(({ id }) => id === clientId);
      if (viewer !== undefined) droppedFrames.value = viewer.dropped;
    } catch {
      // The header tells that the proxy is away; the last number stands until it is back.
    }
  }
}

interface CallbackStatus {
  readonly status: { readonly viewers: readonly { readonly id: string; readonly dropped: number }[] };
}
