import type { ImageFormat } from "../render/image-encoder.ts";
import type { RenderFeed } from "../render/render-feed.ts";
import { contentTypes, createRenderQuery, defaultQuality } from "./render-query.ts";
import { openReplyStream, type ReplyStream } from "./render-reply-stream.ts";
import { onGone } from "./render-sse.ts";
import type { Route } from "./route.ts";

const boundary = "octane-frame";
/**
 * Chromium shows a part when the headers of the next one come (Firefox, when its boundary has come). So a frame that no
 * other follows for so long is sent once again.
 */
const repeatMs = 50;
const headers = { "Content-Type": `multipart/x-mixed-replace; boundary=${boundary}` };

/** `GET /render/stream.mjpeg`: shows in an `<img>`. Parts are JPEG, or PNG where the image library is missing. */
export function createMjpegRoute(feed: RenderFeed): Route {
  return {
    method: "GET",
    path: "/render/stream.mjpeg",
    takesTicket: true,
    isStream: true,
    async handle(context) {
      const query = createRenderQuery(context.query, feed.findPass);
      const asked = query.format(["jpeg", "png", "webp"]);
      const quality = query.quality() ?? defaultQuality;
      const width = query.width();
      const options = {
        kind: "mjpeg",
        pass: query.pass(),
        fps: query.fps(),
        minSamples: query.minSamples(),
      } as const;
      if (asked !== undefined) await feed.images.requireFormat(asked);
      const format: ImageFormat = asked ?? ((await feed.images.hasLibrary()) ? "jpeg" : "png");
      if (context.isHead) {
        context.response.writeHead(200, headers).end();
        return;
      }
      // While the library was loaded; whoever listens to the signal only now is not told.
      if (context.signal.aborted) throw context.signal.reason;
      if (context.response.destroyed) return;
      let stream: ReplyStream | undefined;
      let lastSequence: number | undefined;
      let cancelRepeat: (() => void) | undefined;
      const repeatUnlessFollowed = (sequence: number) => {
        if (viewer.isClosed) return;
        cancelRepeat = feed.clock.after(repeatMs, () => {
          if (feed.hub.newest?.sequence === sequence) feed.hub.offerAgain(viewer);
        });
      };
      const viewer = feed.hub.addViewer(options, {
        async sendFrame(published) {
          cancelRepeat?.();
          const { sequence, samples } = published.frame;
          const share = await feed.imageFrame(published, { format, quality, width });
          await stream?.write(
            partHead(format, share.bytes.length, samples),
            share.bytes,
            `\r\n--${boundary}\r\n`,
          );
          share.release();
          const isRepeat = sequence === lastSequence;
          lastSequence = sequence;
          if (!isRepeat) repeatUnlessFollowed(sequence);
        },
        async sendEvent() {
          // A stream of pictures has no place for events.
        },
        close: () => {
          cancelRepeat?.();
          stream?.end();
        },
      });
      stream = openReplyStream(context.response, headers);
      onGone(context, (reason) => viewer.close(reason));
      stream.write(`--${boundary}\r\n`).then(
        () => viewer.start(),
        () => viewer.close("the viewer has gone"),
      );
    },
  };
}

function partHead(format: ImageFormat, byteLength: number, samples: number): string {
  return `Content-Type: ${contentTypes[format]}\r\nContent-Length: ${byteLength}\r\nX-Octane-Samples: ${samples}\r\n\r\n`;
}
