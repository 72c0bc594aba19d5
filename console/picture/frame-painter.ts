import type { Frame } from "../../src/client/client.ts";

/** Shows a frame on a canvas, whose size becomes the payload's. @throws where the browser cannot read the image */
export async function paintFrame(canvas: HTMLCanvasElement, frame: Frame): Promise<void> {
  const { width, height } = frame;
  const image =
    frame.mediaType === undefined
      ? new ImageData(new Uint8ClampedArray(frame.bytes.slice().buffer), width, height)
      : await createImageBitmap(new Blob([frame.bytes], { type: frame.mediaType }));
  const context = canvas.getContext("2d");
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  } else if (frame.hasAlpha) context?.clearRect(0, 0, width, height);
  if (image instanceof ImageData) {
    context?.putImageData(image, 0, 0);
    return;
  }
  context?.drawImage(image, 0, 0);
  image.close();
}
