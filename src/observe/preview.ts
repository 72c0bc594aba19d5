const maxPreviewCharacters = 2_048;
const maxParsedBytes = 64 * 1024;
const maxArrayItems = 8;
const maxStringCharacters = 256;
const maxDepth = 16;
const secretKey =
  /^(authorization|proxy-authorization|cookie|set-cookie|token|password|secret|api[-_]?key)$/i;
const secretMember = /"(?:[\w-]*authorization|[\w-]*cookie|token|password|secret|api[-_]?key)"\s*:/i;
const secretText =
  /("(?:[\w-]*authorization|[\w-]*cookie|token|password|secret|api[-_]?key)"\s*:\s*)"[^"]*"?/gi;
const base64Text = /^[A-Za-z0-9+/_-]{256,}={0,2}$/;

/**
 * JSON text short enough for a log line: bytes become `<8294400 bytes>`, long arrays and texts are cut, secrets
 * are hidden. Undefined for no body. `size` is that of the whole where `body` is only its beginning.
 */
export function previewJson(body: Uint8Array | undefined, size = body?.length ?? 0): string | undefined {
  if (body === undefined) return undefined;
  if (size > Math.min(body.length, maxParsedBytes)) return previewStart(body, size);
  const text = decode(body);
  try {
    return cut(JSON.stringify(shorten(JSON.parse(text))), maxPreviewCharacters);
  } catch {
    // Not JSON, or nested too deep for the parser: then its beginning is what one wants to see.
    return previewStart(body, size);
  }
}

/** As `previewJson`, and `<120 bytes>` for what is no text. `size` is that of the whole. */
export function previewBody(body: Uint8Array | undefined, size = body?.length ?? 0): string | undefined {
  if (body === undefined) return undefined;
  return size > 0 && (body.length === 0 || body.subarray(0, 64).some(isControl))
    ? `<${size} bytes>`
    : previewJson(body, size);
}

/** JSON text as it is, but for the values of secrets. */
export function redactJson(text: string): string {
  if (!secretMember.test(text)) return text;
  try {
    return JSON.stringify(
      JSON.parse(text, (key, value: unknown) => (secretKey.test(key) ? "[redacted]" : value)),
    );
  } catch {
    return text.replace(secretText, '$1"[redacted]"');
  }
}

/** Whether what goes by this name, such as a header or a query parameter, is a secret. */
export function isSecretName(name: string): boolean {
  return secretKey.test(name);
}

/** A copy of a value that is safe to log, by the same rules. */
export function shorten(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return shortenText(value);
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return `<${value.length} bytes>`;
  if (typeof value !== "object" || value === null) return value;
  if (depth >= maxDepth) return "…";
  if (Array.isArray(value)) {
    const items = value.slice(0, maxArrayItems).map((item) => shorten(item, depth + 1));
    return value.length > maxArrayItems ? [...items, `… ${value.length - maxArrayItems} more`] : items;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      secretKey.test(key) ? "[redacted]" : shorten(item, depth + 1),
    ]),
  );
}

/** The beginning of a text that cannot be parsed; the same things are hidden, as far as they can be told. */
function previewStart(body: Uint8Array, size: number): string {
  const start = decode(body.subarray(0, maxPreviewCharacters))
    .replace(secretText, '$1"[redacted]"')
    .replace(/[A-Za-z0-9+/_-]{256,}={0,2}/g, "<bytes>");
  return `${start}… (${size} bytes)`;
}

/** Of no JSON and no other text. */
function isControl(byte: number): boolean {
  return byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d;
}

function shortenText(text: string): string {
  if (!base64Text.test(text)) return cut(text, maxStringCharacters);
  return `<${Math.floor((text.replace(/=+$/, "").length * 3) / 4)} bytes>`;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}… (${text.length} characters)`;
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
