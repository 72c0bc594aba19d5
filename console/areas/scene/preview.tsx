import { useEffect, useRef, useState } from "preact/hooks";
import type { Frame } from "../../../src/client/frame-message.ts";
import type { FrameEvent } from "../../../src/client/frames.ts";
import { linkState } from "../../api/health.ts";
import { client, needsToken } from "../../api/proxy.ts";

/** The render beside the values that change it. */
export function Preview({ onEvent }: { readonly onEvent: (event: FrameEvent) => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [shown, setShown] = useState<Pick<Frame, "samples" | "maxSamples">>();
  const proxy = client.value;
  const isLocked = needsToken.value;

  useEffect(() => {
    if (isLocked) return;
    const frames = proxy.frames({ width: 1280, fps: 15, onEvent });
    void draw();
    return () => frames.close();

    async function draw(): Promise<void> {
      try {
        for await (const frame of frames) {
          const element = canvas.current;
          if (element === null) return;
          await paint(element, frame);
          setShown(frame);
        }
      } catch {
        // Refused for good: the header and the dialog for the token tell why.
      }
    }
  }, [proxy, isLocked]);

  const isAway = linkState.value !== "ready";
  return (
    <section class="panel scene-preview" aria-label="Preview">
      <div class="panel-header">
        <h2>Preview</h2>
        <span class="dim">
          {shown === undefined
            ? ""
            : `${Math.floor(shown.samples)} / ${Math.floor(shown.maxSamples)} samples`}
        </span>
      </div>
      <div class="panel-body scene-picture">
        <canvas
          ref={canvas}
          role="img"
          aria-label="The render"
          class={isAway ? "is-old" : ""}
          hidden={shown === undefined}
          data-samples={shown?.samples}
        />
        {shown === undefined && (
          <p class="dim">{isAway ? "No picture: Octane is away" : "Waiting for a picture"}</p>
        )}
        {shown !== undefined && isAway && (
          <p class="scene-picture-old" role="status">
            Octane is away: the last picture
          </p>
        )}
      </div>
    </section>
  );
}

async function paint(canvas: HTMLCanvasElement, frame: Frame): Promise<void> {
  const { width, height, bytes, mediaType } = frame;
  const source =
    mediaType === undefined
      ? new ImageData(
          new Uint8ClampedArray(bytes.buffer, bytes.byteOffset, width * height * 4),
          width,
          height,
        )
      : new Blob([bytes], { type: mediaType });
  const bitmap = await createImageBitmap(source);
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  bitmap.close();
}
