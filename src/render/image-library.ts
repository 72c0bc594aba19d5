import type sharp from "sharp";

export type SharpModule = typeof sharp;

/** The optional image library, set up for raw frames on few cores; undefined where it is not installed. */
export async function loadSharp(): Promise<SharpModule | undefined> {
  let module: { default: SharpModule };
  try {
    module = await import("sharp");
  } catch {
    // Optional: without it PNG still works, and what needs it says so.
    return undefined;
  }
  // Every frame is new, so libvips' cache only costs memory; two pictures at a time already fill two cores.
  module.default.cache(false);
  module.default.concurrency(1);
  return module.default;
}
