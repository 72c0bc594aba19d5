/** What stands before the pixels in the JSON of a frame. */
export const pixelsMark = '"buffer":{"data":"';

/** Pixels of a 4K frame; memory that no frame reaches costs nothing. */
const mostPixelBytes = 3840 * 2160 * 4;

/**
 * Reads Server-Sent Events chunk by chunk. `onEvent` gets the event's line without its pixels, and those decoded, in memory
 * that the next event uses again: a line of megabytes is never gathered.
 */
export function createEventReader(
  onEvent: (line: string, pixels: Buffer, byteLength: number) => void,
): (chunk: Buffer) => void {
  const memory = Buffer.allocUnsafeSlow(mostPixelBytes);
  let line = "";
  let pixelBytes = 0;
  let byteLength = 0;
  let state: "before" | "pixels" | "after" = "before";
  /** Base64 comes in fours, chunks do not. */
  let rest = "";

  const readPixels = (chunk: Buffer, start: number): number => {
    const quote = chunk.indexOf(34, start);
    const end = quote < 0 ? chunk.length : quote;
    const text = rest + chunk.toString("latin1", start, end);
    const whole = quote < 0 ? text.length - (text.length % 4) : text.length;
    pixelBytes += memory.write(text.slice(0, whole), pixelBytes, "base64");
    rest = text.slice(whole);
    if (quote >= 0) state = "after";
    return end;
  };

  const readText = (chunk: Buffer, start: number): number => {
    const newline = chunk.indexOf(10, start);
    const end = newline < 0 ? chunk.length : newline;
    const before = line.length;
    line += chunk.toString("latin1", start, end);
    const mark = state === "before" ? line.indexOf(pixelsMark) : -1;
    if (mark >= 0) {
      line = line.slice(0, mark + pixelsMark.length);
      state = "pixels";
      return start + line.length - before;
    }
    if (newline < 0) return end;
    if (line !== "") onEvent(line, memory.subarray(0, pixelBytes), byteLength);
    line = "";
    pixelBytes = 0;
    byteLength = 0;
    state = "before";
    return end + 1;
  };

  return (chunk) => {
    byteLength += chunk.length;
    let at = 0;
    while (at < chunk.length) at = state === "pixels" ? readPixels(chunk, at) : readText(chunk, at);
  };
}
