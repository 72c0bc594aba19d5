import { queryText } from "./events.ts";
import { encodeJson, OctaneError, readError, type Transport } from "./fetch-client.ts";
import { decodeFrame, type Frame } from "./frame-message.ts";
import { type FrameSettings, keepSettings } from "./frame-settings.ts";
import { createMailbox } from "./mailbox.ts";
import { createRetry, isPassing } from "./retry.ts";
import { type SocketLike, type SocketOpener, sendWhileOpen } from "./web-socket.ts";

export interface FrameOptions extends FrameSettings {
  readonly signal?: AbortSignal | undefined;
  /** Default true: a lost connection is made again, after 250 ms at first and 5 s at last. */
  readonly reconnect?: boolean | undefined;
  /** Told of everything that is no frame: statistics, the state of Octane, errors, `disconnected`. */
  readonly onEvent?: ((event: FrameEvent) => void) | undefined;
}

/** A text message of `WS /render/ws`, see docs/frames.md. */
export type FrameEvent = { readonly type: string; readonly [name: string]: unknown };

export interface CameraPose {
  readonly position?: readonly [number, number, number];
  readonly target?: readonly [number, number, number];
  readonly up?: readonly [number, number, number];
  readonly fov?: number;
}

/** Frames as they come: the newest wins where the loop is slower than the render. Ends with `close`. */
export interface FrameStream extends AsyncIterable<Frame> {
  /** Moves Octane's camera. Nothing is sent while the proxy is away. */
  sendCamera(pose: CameraPose): void;
  /** Holds for later connections too, unless the proxy refuses it with an event `error`. While it is away, once it is back. */
  set(settings: FrameSettings): void;
  /** The answer is an event `pong` with the proxy's clock, `timestamp` in seconds. Nothing is sent while the proxy is away. */
  ping(): void;
  close(): void;
}

/** `WS /render/ws`, opened at once. */
export function openFrames(
  transport: Transport,
  opener: SocketOpener,
  { signal, reconnect = true, onEvent, ...first }: FrameOptions = {},
): FrameStream {
  const settings = keepSettings(first);
  let socket: SocketLike | undefined;
  let isOpen = false;
  const closing = new AbortController();
  const retry = createRetry();
  const frames = createMailbox<Frame>(1, (waiting) => acknowledge(waiting.shift()));

  function connect(): void {
    const query = queryText(settings.query());
    socket = opener.open(`/render/ws${query}`, {
      open() {
        isOpen = true;
        retry.reset();
        for (const changes of settings.askAgain()) sendOptions(changes);
      },
      message: receive,
      close: (code, reason) => void lost(query, code, reason),
    });
  }

  function receive(data: string | ArrayBuffer): void {
    if (typeof data === "string") {
      const event = JSON.parse(data) as FrameEvent;
      settings.hear(event);
      onEvent?.(event);
      return;
    }
    try {
      frames.put(decodeFrame(data));
    } catch (error) {
      frames.end(error as Error);
      close();
    }
  }

  async function lost(query: string, code: number, reason: string): Promise<void> {
    const wasOpen = isOpen;
    isOpen = false;
    if (closing.signal.aborted) return;
    const error = wasOpen ? cutOff(code, reason) : await whyRefused(transport, query);
    if (closing.signal.aborted) return;
    if (!reconnect || !isPassing(error.code)) {
      frames.end(error);
      return;
    }
    onEvent?.({ type: "disconnected", error });
    await retry.wait(closing.signal);
    if (!closing.signal.aborted) connect();
  }

  function send(message: object): void {
    sendWhileOpen(socket, encodeJson(message));
  }

  function sendOptions(changes: FrameSettings): void {
    send({ type: "options", ...changes });
  }

  /** Tells the proxy that it may send more. */
  function acknowledge(frame: Frame | undefined): void {
    if (frame !== undefined) send({ type: "ack", sequence: frame.sequence });
  }

  function close(): void {
    if (closing.signal.aborted) return;
    closing.abort();
    signal?.removeEventListener("abort", close);
    frames.end();
    socket?.close(1000);
  }

  signal?.addEventListener("abort", close, { once: true });
  if (signal?.aborted) close();
  else connect();
  return {
    sendCamera: (pose) => send({ type: "camera", ...pose }),
    set(changes) {
      settings.ask(changes);
      sendOptions(changes);
    },
    ping: () => send({ type: "ping" }),
    close,
    async *[Symbol.asyncIterator]() {
      try {
        for (let step = await frames.next(); step.done !== true; step = await frames.next()) {
          yield step.value;
          acknowledge(step.value);
        }
      } finally {
        close();
      }
    },
  };
}

/** A refused handshake tells a page nothing, so the proxy is asked in a way that does. */
async function whyRefused(transport: Transport, query: string): Promise<OctaneError> {
  try {
    await transport.open(`/render/callback-status${query}`, {});
    return new OctaneError("UNAVAILABLE", "the WebSocket was refused", { reason: "stream_cut" });
  } catch (error) {
    return transport.explain(error);
  }
}

function cutOff(code: number, reason: string): OctaneError {
  const told = readError({ error: reason, code: code === 1008 ? "INVALID_ARGUMENT" : "UNAVAILABLE" });
  return told ?? new OctaneError("UNAVAILABLE", `the WebSocket closed (${code})`, { reason: "stream_cut" });
}
