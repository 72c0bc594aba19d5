import type { Mounts, Place } from "./mounts.ts";
import type { Route } from "./route.ts";
import type { Match, Router } from "./router.ts";
import { parseSegments } from "./target.ts";

/** First segments that are never a service's name, nor a page of the user's front end. */
export const reservedSegments: ReadonlySet<string> = new Set([
  "api",
  "render",
  "debug",
  "debug-logs",
  "ws",
  "octanes",
  "batch",
  "scene",
  "docs",
  "console",
  "contract",
]);

/** What a raw path leads to. The same object for the same path. */
export interface FoundRoutes {
  /** Of the whole path. */
  readonly segments: readonly string[];
  /** Undefined under the name of no Octane. */
  readonly place: Place | undefined;
  readonly match: Match<Route> | undefined;
}

/** @throws ProxyError `malformed_path` */
export type RouteFinder = (path: string) => FoundRoutes;

/** Clients call few methods again and again; a path that nothing answers is not worth remembering. */
const maxPaths = 4_096;
const maxPathLength = 256;

/** Finds the routes of raw paths, those of often called ones without taking them apart again. */
export function createRouteFinder(mounts: Mounts): RouteFinder {
  const known = new Map<string, FoundRoutes>();
  return (path) => {
    const found = known.get(path);
    if (found !== undefined) return found;
    const segments = parseSegments(path);
    const place = mounts.find(segments);
    const fresh = { segments, place, match: place && findMatch(place.mount.router, place.segments) };
    if (fresh.match !== undefined && path.length <= maxPathLength) {
      if (known.size >= maxPaths) known.clear();
      known.set(path, fresh);
    }
    return fresh;
  };
}

/** The routes of a path; parameters do not stand for reserved first segments. */
function findMatch(router: Router<Route>, segments: readonly string[]): Match<Route> | undefined {
  const match = router.find(segments);
  const isReserved = match?.entries[0]?.path.startsWith("/:") && reservedSegments.has(segments[0] ?? "");
  return isReserved ? undefined : match;
}
