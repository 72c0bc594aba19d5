/** Bytes fields up to this size are appended as text; larger ones go straight into the result buffer. */
const smallBytes = 4096;
/** A multiple of 3, so that the base64 of the slices joins without padding between. */
const sliceBytes = 48 * 1024;

/** Collects JSON text, and large byte fields without making strings of them. */
export class JsonOutput {
  /** Append here: `output.text += …`. */
  text = "";
  private readonly parts: (string | Buffer)[] = [];

  /** Appends bytes as a base64 string in quotes. `bytes` must not change before `finish`. */
  base64(bytes: Uint8Array): void {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length <= smallBytes) {
      this.text += `"${buffer.toString("base64")}"`;
      return;
    }
    this.parts.push(`${this.text}"`, buffer);
    this.text = '"';
  }

  /** Appends a string in quotes, escaped. */
  quoted(value: string): void {
    this.text += quote(value);
  }

  /** All that was collected, as UTF-8. */
  finish(): Buffer {
    if (this.parts.length === 0) return Buffer.from(this.text);
    this.parts.push(this.text);
    let size = 0;
    for (const part of this.parts) {
      size += typeof part === "string" ? Buffer.byteLength(part) : Math.ceil(part.length / 3) * 4;
    }
    const result = Buffer.allocUnsafe(size);
    let pos = 0;
    for (const part of this.parts) {
      if (typeof part === "string") pos += result.write(part, pos);
      else {
        for (let start = 0; start < part.length; start += sliceBytes) {
          pos += result.write(part.toString("base64", start, start + sliceBytes), pos, "latin1");
        }
      }
    }
    return result;
  }
}

/** A JSON string literal of well-formed text. */
export function quote(value: string): string {
  if (value.length > 48) return JSON.stringify(value);
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code < 0x20 || code === 0x22 || code === 0x5c || code >= 0xd800) return JSON.stringify(value);
  }
  return `"${value}"`;
}
