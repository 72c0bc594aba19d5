import { asProxyError, type ProxyError } from "../errors.ts";
import type { CallTarget, Session, UpstreamStream } from "../rpc/session.ts";
import type { BufferPool } from "./buffer-pool.ts";
import type { FrameMemory } from "./frame-memory.ts";
import { createFrameReceiver, type FrameReceiver } from "./frame-receiver.ts";
import type { RenderStatistics } from "./render-event.ts";
import {
  type CallbackMessage,
  readCallback,
  readCallbackId,
  readGrabbedImages,
  readStatistics,
  type WireImage,
  writeRegistration,
} from "./render-messages.ts";

/** The calls that frames need, on whatever generation is connected. All throw ProxyError. */
export interface RenderCalls {
  /** Registers for images, and for statistics and failures where Octane has that; the image callback's id. */
  register(signal: AbortSignal): Promise<number>;
  /** Takes the registrations back; gives up after two seconds. */
  unregister(): Promise<void>;
  openCallbackChannel(signal: AbortSignal): CallbackChannel;
  /**
   * Images of the current render result; undefined when there is none. Cannot be called off: Octane would go on holding the
   * result. Gives up after twelve seconds.
   */
  grabImages(): Promise<GrabbedImages | undefined>;
  statistics(signal: AbortSignal): Promise<RenderStatistics | undefined>;
}

export interface GrabbedImages {
  readonly images: readonly WireImage[];
  /** Held by whoever gets this. */
  readonly memory: FrameMemory | undefined;
}

export interface CallbackChannel {
  /** The method whose output type the messages have. */
  readonly target: CallTarget;
  readonly stream: UpstreamStream;
  read(wire: Uint8Array): CallbackMessage;
  readonly memoryOf: FrameReceiver["memoryOf"];
}

const callTimeoutMs = 10_000;
const releaseTimeoutMs = 2_000;
const unregisterTimeoutMs = 2_000;
const callbackSource = "octane-proxy";
const requestedCallbackId = 1;
const imageCallback = "setOnNewImageCallback";
/** Octane sends these beside images; where they are missing, images still come. */
const extraCallbacks = ["setOnNewStatisticsCallback", "setOnRenderFailureCallback"] as const;
const emptyWire = new Uint8Array(0);

export function createRenderCalls(session: Session, pool?: BufferPool): RenderCalls {
  const engine = (method: string) => session.findMethod("ApiRenderEngineService", method);

  const registerOne = async (method: string, isOn: boolean, timeoutMs: number, signal?: AbortSignal) => {
    const target = engine(method);
    const callback = isOn ? { source: callbackSource, id: requestedCallbackId } : undefined;
    const wire = writeRegistration(target.method.desc.input, callback);
    const reply = await session.call(target, wire, { timeoutMs, signal });
    return readCallbackId(target.method.desc.output, reply.wire);
  };

  return {
    async register(signal) {
      const callbackId = await registerOne(imageCallback, true, callTimeoutMs, signal);
      await Promise.allSettled(
        extraCallbacks.map(async (method) => await registerOne(method, true, callTimeoutMs, signal)),
      );
      return callbackId;
    },
    async unregister() {
      await Promise.allSettled(
        [imageCallback, ...extraCallbacks].map(
          async (method) => await registerOne(method, false, unregisterTimeoutMs),
        ),
      );
    },
    openCallbackChannel(signal) {
      const target = session.findMethod("StreamCallbackService", "callbackChannel");
      const output = target.method.desc.output;
      const { receiveMemory, memoryOf } = createFrameReceiver(pool);
      const stream = session.stream(target, oneEmptyRequest(), {
        timeoutMs: Number.POSITIVE_INFINITY,
        signal,
        receiveMemory,
      });
      return { target, stream, read: (wire) => readCallback(output, wire), memoryOf };
    },
    async grabImages() {
      const grab = engine("grabRenderResult");
      const { receiveMemory, memoryOf } = createFrameReceiver(pool);
      let isHeld = false;
      try {
        const reply = await session.call(grab, emptyWire, { timeoutMs: callTimeoutMs, receiveMemory });
        const images = readGrabbedImages(grab.method.desc.output, reply.wire);
        if (images === undefined) return undefined;
        isHeld = true;
        return { images, memory: memoryOf(reply.wire) };
      } catch (error) {
        isHeld = mayHaveGrabbed(asProxyError(error));
        throw error;
      } finally {
        // Octane holds the result until it is released. A failure to release takes nothing away from the pixels, which
        // are here already.
        if (isHeld) {
          await Promise.allSettled([
            session.call(engine("releaseRenderResult"), emptyWire, { timeoutMs: releaseTimeoutMs }),
          ]);
        }
      }
    },
    async statistics(signal) {
      const target = engine("getRenderStatistics");
      const reply = await session.call(target, emptyWire, { timeoutMs: callTimeoutMs, signal });
      return readStatistics(target.method.desc.output, reply.wire);
    },
  };
}

/** Octane did as it was asked, and only its answer was of no use. */
function mayHaveGrabbed({ reason }: ProxyError): boolean {
  return reason === "deadline_exceeded" || reason === "upstream_malformed";
}

async function* oneEmptyRequest(): AsyncGenerator<Uint8Array> {
  yield emptyWire;
}
