const maxHeaderBytes = 1024;

/**
 * Value of X-Octane-Ignored-Fields: percent-encoded field paths with commas between; whole paths only, as many
 * as fit in 1 KB.
 */
export function encodeIgnoredFields(paths: readonly string[]): string {
  let value = "";
  for (const path of paths) {
    const encoded = encodePath(path);
    const next = value === "" ? encoded : `${value},${encoded}`;
    if (next.length > maxHeaderBytes) continue;
    value = next;
  }
  return value;
}

function encodePath(path: string): string {
  // A JSON key may hold half a surrogate pair, which has no UTF-8: the Buffer makes it U+FFFD.
  return encodeURIComponent(Buffer.from(path.slice(0, maxHeaderBytes), "utf8").toString("utf8"));
}
