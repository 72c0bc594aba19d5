const maxPreviewCharacters = 2_048;
const maxParsedBytes = 64 * 1024;
const maxArrayItems = 8;
const maxStringCharacters = 256;
const secretKeys =
  /^(authorization|proxy-authorization|cookie|set-cookie|token|password|secret|api[-_]?key)$/i;
const base64Run = /^[A-Za-z0-9+/_-]{256,}={0,2}$/;

/**
 * JSON text short enough for a log line: bytes become `<8294400 bytes>`, long arrays and texts are cut, secrets
 * are hidden. Undefined for no body; large or malformed bodies are cut as text.
 */
export function previewJson(body: Uint8Array | undefined): string | undefined {
  if (body === undefined) return undefined;
  if (body.length > maxParsedBytes) return `<${body.length} bytes of JSON>`;
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
  try {
    return cut(JSON.stringify(shorten(JSON.parse(text), 0)) ?? "", maxPreviewCharacters);
  } catch {
    // Not JSON, or nested too deep for the parser: then the text itself is what one wants to see.
    return cut(JSON.stringify(text.slice(0, maxPreviewCharacters)), maxPreviewCharacters);
  }
}

/** The same for a value: a copy that is safe to log. */
export function shorten(value: unknown, depth: number): unknown {
  if (typeof value === "string") return shortenText(value);
  if (value instanceof Uint8Array) return `<${value.length} bytes>`;
  if (typeof value !== "object" || value === null) return value;
  if (depth >= 16) return "…";
  if (Array.isArray(value)) {
    const items = value.slice(0, maxArrayItems).map((item) => shorten(item, depth + 1));
    return value.length > maxArrayItems ? [...items, `… ${value.length - maxArrayItems} more`] : items;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      secretKeys.test(key) ? "[redacted]" : shorten(item, depth + 1),
    ]),
  );
}

function shortenText(text: string): string {
  if (base64Run.test(text)) {
    return `<${Math.floor((text.replace(/=+$/, "").length * 3) / 4)} bytes>`;
  }
  return cut(text, maxStringCharacters);
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}… (${text.length} characters)`;
}
