import type { ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import sirv from "sirv";
import { ProxyError } from "../errors.ts";
import type { Fallback } from "./dispatch.ts";
import type { RequestContext } from "./route.ts";

/**
 * The user's own front end from a directory. Paths that are no file lead to its `index.html` where a person
 * navigates (single-page applications make up paths of their own), else to the error of the path.
 */
export function createStaticFiles(directory: string): Fallback {
  // `dev`: files are looked up at each request, so that a new build shows without a restart.
  const serve = sirv(directory, {
    dev: true,
    etag: true,
    setHeaders: (response) => response.setHeader("Content-Security-Policy", "frame-ancestors 'none'"),
  });
  return {
    isPage: (context) => isPagePath(context.segments),
    handle(context, miss) {
      const { request, response } = context;
      if (!isSafePath(context.segments)) throw miss;
      request.url = `/${context.segments.map(encodeSegment).join("/")}`;
      if (!isPlainRange(request.headers.range)) delete request.headers.range;
      watchSource(response);
      serve(request, response, () => {
        if (miss.reason === "wrong_http_method" || !wantsPage(context)) {
          context.sendError(miss);
          return;
        }
        request.url = "/";
        serve(request, response, () => context.sendError(noIndex(miss)));
      });
    },
  };
}

/** No segment that means something to a file system, here or on another one. */
function isSafePath(segments: readonly string[]): boolean {
  return segments.every(
    (segment) =>
      segment !== "." &&
      segment !== ".." &&
      !/[\\/\0]/.test(segment) &&
      (!segment.startsWith(".") || segment === ".well-known"),
  );
}

/** As sirv's decodeURI reads it back: that leaves escapes of reserved characters such as `@` alone. */
function encodeSegment(segment: string): string {
  return encodeURI(segment).replaceAll("?", "%3F").replaceAll("#", "%23");
}

function isPagePath(segments: readonly string[]): boolean {
  const last = segments.at(-1) ?? "";
  return !last.includes(".") || /\.html?$/i.test(last);
}

/** A person's navigation: it asks for HTML, and for nothing that has a file's extension. */
function wantsPage(context: RequestContext): boolean {
  const accept = context.request.headers.accept ?? "";
  return /\btext\/html\b/i.test(accept) && isPagePath(context.segments);
}

/** Anything but `bytes=FROM-` and `bytes=FROM-TO` makes sirv throw or answer nonsense: the whole file is right too. */
function isPlainRange(range: string | undefined): boolean {
  const match = /^bytes=(\d{1,15})-(\d{1,15})?$/.exec(range ?? "");
  return match !== null && (match[2] === undefined || Number(match[1]) <= Number(match[2]));
}

/** sirv leaves its file stream alone: without this an unreadable file ends the process, a lost client leaks it. */
function watchSource(response: ServerResponse): void {
  response.once("pipe", (source: Readable) => {
    source.once("error", () => response.destroy());
    response.once("close", () => source.destroy());
  });
}

function noIndex(miss: ProxyError): ProxyError {
  return new ProxyError(miss.reason, `${miss.message}; the directory of --static has no index.html`);
}
