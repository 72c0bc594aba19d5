import { ProxyError } from "../errors.ts";
import { octanePrefix } from "./mounts.ts";
import type { Route } from "./route.ts";
import { firstUseMs, type Tickets } from "./ticket.ts";

/**
 * `POST /ticket`, `{"route": "/render/stream"}`: a ticket that `?ticket=` admits with, to that viewer route only. The route
 * is named as it is under the prefix that the request itself was made under, or whole.
 */
export function createTicketRoute(
  tickets: Tickets,
  viewerPaths: ReadonlySet<string>,
  octanes: readonly string[] = [],
): Route {
  const wholePaths = new Set(
    octanes.flatMap((name) => [...viewerPaths].map((path) => `${octanePrefix(name)}${path}`)),
  );
  return {
    method: "POST",
    path: "/ticket",
    async handle(context) {
      const path = readPath(await context.readBody());
      if (!viewerPaths.has(path) && !wholePaths.has(path)) {
        throw new ProxyError(
          "invalid_field",
          `expected "route" to be one of ${[...viewerPaths].join(", ")}; got ${JSON.stringify(path.slice(0, 80))}`,
          { field: "route" },
        );
      }
      context.sendJson(
        200,
        {
          ticket: tickets.issue(viewerPaths.has(path) ? context.prefix + path : path),
          expiresInSeconds: firstUseMs / 1000,
        },
        { "Cache-Control": "no-store" },
      );
    },
  };
}

function readPath(body: Buffer): string {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new ProxyError("malformed_json", 'expected a JSON object with "route"', { cause });
  }
  const route =
    typeof value === "object" && value !== null ? new Map(Object.entries(value)).get("route") : undefined;
  if (typeof route === "string") return route;
  throw new ProxyError(
    "invalid_field",
    'expected the path of a viewer route in "route", such as "/render/stream"',
    {
      field: "route",
    },
  );
}
