/** How a stream of replies travels in one HTTP reply. */
export type StreamFormat = "sse" | "ndjson";

const formats: ReadonlyMap<string, StreamFormat> = new Map<string, StreamFormat>([
  ["text/event-stream", "sse"],
  ["application/x-ndjson", "ndjson"],
  ["application/ndjson", "ndjson"],
]);

/**
 * The stream that an Accept header asks for; undefined where plain JSON is to be sent. Only a type that is named asks
 * for a stream, never a wildcard. Where the method streams, any acceptable stream will do, since JSON cannot hold its
 * replies. Else the higher q wins; JSON wins a tie when it is named too, and loses it when only a wildcard lets it in.
 */
export function chooseStreamFormat(
  accept: string | undefined,
  methodStreams: boolean,
): StreamFormat | undefined {
  let best: StreamFormat | undefined;
  let bestQ = 0;
  let namedJsonQ: number | undefined;
  let wildcardQ = 0;
  for (const { type, q } of parseAccept(accept)) {
    const format = formats.get(type);
    if (format !== undefined && q > bestQ) {
      best = format;
      bestQ = q;
    } else if (type === "application/json") namedJsonQ = Math.max(namedJsonQ ?? 0, q);
    else if (type === "application/*" || type === "*/*") wildcardQ = Math.max(wildcardQ, q);
  }
  if (methodStreams) return best;
  const isJsonBetter = namedJsonQ === undefined ? wildcardQ > bestQ : namedJsonQ >= bestQ;
  return isJsonBetter ? undefined : best;
}

/** Media ranges in lower case with their weights; an unreadable weight counts as 1. */
function parseAccept(accept: string | undefined): readonly { type: string; q: number }[] {
  if (accept === undefined) return [];
  return accept.split(",").map((range) => {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => /^q\s*=/.test(parameter));
    const q = weight === undefined ? 1 : Number(weight.slice(weight.indexOf("=") + 1).trim() || Number.NaN);
    return { type, q: Number.isFinite(q) ? Math.min(1, Math.max(0, q)) : 1 };
  });
}
