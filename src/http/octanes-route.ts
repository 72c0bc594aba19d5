import type { Session } from "../rpc/session.ts";
import { octanePrefix } from "./mounts.ts";
import type { Route } from "./route.ts";

export type ListedSession = Pick<Session, "name" | "upstream" | "generation">;

/** `GET /octanes`: every Octane behind this proxy, the default first. */
export function createOctanesRoute(sessions: () => readonly ListedSession[]): Route {
  return {
    method: "GET",
    path: "/octanes",
    handle(context) {
      context.sendJson(200, { octanes: listOctanes(sessions()) }, { "Cache-Control": "no-store" });
    },
  };
}

/** One object for each Octane; `path` is what its routes begin with. */
export function listOctanes(sessions: readonly ListedSession[]): readonly Record<string, unknown>[] {
  return sessions.map(({ name, upstream, generation }, index) => ({
    name,
    path: octanePrefix(name),
    default: index === 0,
    address: upstream.address,
    state: upstream.state,
    connected: upstream.state === "ready",
    generation: generation ?? null,
  }));
}
