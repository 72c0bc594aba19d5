import { ProxyError } from "../errors.ts";

/** A request target taken apart; nothing of it is trusted yet. */
export interface Target {
  /** The authority of an absolute-form target (`GET http://host/ HTTP/1.1`), which must pass the Host rule too. */
  readonly authority: string | undefined;
  /** Raw, starting with `/`; dot segments stay as they are, so that they match no route. */
  readonly path: string;
  /** Raw, without `?`. */
  readonly query: string;
}

/** Takes a request target apart without judging it. */
export function parseTarget(url: string): Target {
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/is.exec(url);
  const rest = absolute === null ? url : (absolute[2] ?? "");
  const queryAt = rest.indexOf("?");
  const path = queryAt < 0 ? rest : rest.slice(0, queryAt);
  return {
    authority: absolute?.[1],
    path: path === "" && absolute !== null ? "/" : path,
    query: queryAt < 0 ? "" : rest.slice(queryAt + 1),
  };
}

/**
 * Segments of a raw path, each percent-decoded once; `%2F` stays inside its segment. `/` has none, a trailing
 * slash makes a last empty segment.
 * @throws ProxyError `malformed_path` for a path without a leading `/`, a bad escape, invalid UTF-8 or a NUL.
 */
export function parseSegments(path: string): readonly string[] {
  // `OPTIONS *` asks about the server as a whole (RFC 9112, section 3.2.4).
  if (path === "/" || path === "*") return [];
  if (!path.startsWith("/")) {
    throw new ProxyError("malformed_path", 'expected a request target that starts with "/"');
  }
  const segments = path.slice(1).split("/");
  if (!path.includes("%") && !path.includes("\0")) return segments;
  return segments.map(decodeSegment);
}

function decodeSegment(segment: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(segment);
  } catch (cause) {
    throw new ProxyError(
      "malformed_path",
      `the path segment ${JSON.stringify(segment.slice(0, 80))} is not valid percent-encoded UTF-8`,
      { cause },
    );
  }
  if (decoded.includes("\0")) {
    throw new ProxyError("malformed_path", "the path holds a NUL character");
  }
  return decoded;
}
