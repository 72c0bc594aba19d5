import { randomBytes } from "node:crypto";
import type { Logger } from "../observe/logger.ts";
import type { ResolvedOptions } from "../options.ts";
import type { Epochs } from "../rpc/epoch.ts";
import type { Session } from "../rpc/session.ts";
import { createBufferPool } from "./buffer-pool.ts";
import { type CameraRelay, createCameraRelay } from "./camera-relay.ts";
import { type ClientShape, encodeClientFrame } from "./client-messages.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { EncodedShare } from "./frame-encodings.ts";
import { startFrameExport } from "./frame-export.ts";
import { createFrameHub, type FrameHub } from "./frame-hub.ts";
import { FrameSource } from "./frame-source.ts";
import { createImageEncoder, type ImageEncoder, type ImageSettings } from "./image-encoder.ts";
import { createPixelConverter } from "./pixels.ts";
import type { PublishedFrame } from "./render-event.ts";
import { findPassId } from "./render-messages.ts";
import type { ViewerPlaces } from "./viewer-places.ts";

/** Everything about the frames of one Octane: subscription, hub, encodings, camera, export. */
export interface RenderFeed {
  readonly session: Session;
  readonly hub: FrameHub;
  readonly source: FrameSource;
  readonly images: ImageEncoder;
  readonly camera: CameraRelay;
  readonly clock: Clock;
  /** New with every start of the proxy: sequence numbers of different epochs mean different frames. */
  readonly epoch: string;
  /** Of Octane's handles, as `X-Octane-Epoch` names it; undefined while none is known. */
  readonly handleEpoch: string | undefined;
  /** The message of existing clients, shared by all who want the same. */
  clientFrame(
    published: PublishedFrame,
    shape: ClientShape,
    width: number | undefined,
  ): Promise<EncodedShare>;
  /** An image of the frame, shared by all who want the same. @throws ProxyError `missing_library`. */
  imageFrame(published: PublishedFrame, settings: ImageSettings): Promise<EncodedShare>;
  /** A render pass by number or name; undefined for a name that the contract does not have. */
  findPass(text: string): number | undefined;
  /** Stops everything and resolves when nothing is left. Idempotent. */
  close(): Promise<void>;
}

export interface RenderFeedInit {
  readonly session: Session;
  readonly options: Pick<
    ResolvedOptions,
    "cameraRate" | "exportDir" | "exportEvery" | "exportMaxFiles" | "exportMaxBytes"
  >;
  /** For viewers, of all feeds that share them. */
  readonly places: ViewerPlaces;
  readonly logger: Logger;
  readonly epochs?: Epochs;
  /** Stops, applied to linear images. Default 0. */
  readonly exposure?: number;
  readonly clock?: Clock;
  readonly images?: ImageEncoder;
  /** How long a viewer's connection may take nothing. Default 120000. */
  readonly stallMs?: number;
  /** How long the subscription outlives its last viewer. Default 30000. */
  readonly lingerMs?: number;
  /** Least time between two fetches of statistics. Default 500. */
  readonly statisticsIntervalMs?: number;
}

const pooledBytes = 32 * 1024 * 1024;

export function createRenderFeed(init: RenderFeedInit): RenderFeed {
  const { session, options, clock = systemClock } = init;
  const logger = init.logger.child("render");
  const images = init.images ?? createImageEncoder();
  const pool = createBufferPool({ maxFreeBytes: pooledBytes });
  const hub = createFrameHub({ places: init.places, stallMs: init.stallMs ?? 120_000, clock });
  const source = new FrameSource({
    session,
    epochs: init.epochs,
    hub,
    converter: createPixelConverter({ exposure: init.exposure ?? 0 }),
    logger,
    clock,
    pool,
    lingerMs: init.lingerMs ?? 30_000,
    statisticsIntervalMs: init.statisticsIntervalMs ?? 500,
  });
  const camera = createCameraRelay({ session, posesPerSecond: options.cameraRate, clock });

  const imageFrame = (published: PublishedFrame, settings: ImageSettings) =>
    published.encodings.share(images.key(published.frame, settings), () =>
      images.encode(published.frame, settings),
    );
  const exporting =
    options.exportDir === undefined
      ? undefined
      : startFrameExport({
          options: {
            directory: options.exportDir,
            every: options.exportEvery,
            maxFiles: options.exportMaxFiles,
            maxBytes: options.exportMaxBytes,
          },
          hub,
          encode: (published) => imageFrame(published, { format: "png", quality: 100, width: undefined }),
          readCamera: (timeoutMs) => camera.read(timeoutMs),
          logger,
        });

  return {
    session,
    hub,
    source,
    images,
    camera,
    clock,
    epoch: randomBytes(4).toString("hex"),
    get handleEpoch() {
      return init.epochs?.current;
    },
    imageFrame,
    clientFrame(published, shape, width) {
      const { frame } = published;
      if (width === undefined || width >= frame.width) {
        return published.encodings.share(shape, async () => encodeClientFrame(published, shape, pool));
      }
      return published.encodings.share(`${shape};w=${width}`, async () => {
        const small = await imageFrame(published, { format: "raw", quality: 100, width });
        const { bytes, width: smallWidth, height } = small;
        const pixels = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        const smallFrame = { ...published, frame: { ...frame, width: smallWidth, height, pixels } };
        try {
          return encodeClientFrame(smallFrame, shape, pool);
        } finally {
          small.release();
        }
      });
    },
    findPass: (text) => findPassId(session.contract.registry.getEnum("octaneapi.RenderPassId"), text),
    async close() {
      await exporting?.close();
      hub.close();
      camera.close();
      await source.close();
    },
  };
}
