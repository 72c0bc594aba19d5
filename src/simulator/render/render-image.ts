import type { RenderImage } from "./render-engine.ts";
import type { ToneCurve } from "./tone-curve.ts";

/** An image over finished pixels. */
export function createRenderImage(
  facts: Omit<RenderImage, "ldr" | "exposure">,
  tone: ToneCurve,
): RenderImage {
  let pixels: Buffer | undefined;
  return {
    ...facts,
    exposure: tone.exposure,
    ldr() {
      pixels ??= tone.apply(facts.linear);
      return pixels;
    },
  };
}
