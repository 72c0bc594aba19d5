import type { IncomingMessage } from "node:http";
import { ProxyError } from "../errors.ts";
import { suggestNames } from "../suggest-name.ts";
import { allowOrigin, preflightHeaders } from "./cors.ts";
import {
  checkHost,
  checkOrigin,
  checkWithoutOrigin,
  type GuardedRequest,
  type GuardPolicy,
  type Refusal,
} from "./guard.ts";
import type { HttpContext } from "./http-context.ts";
import type { Mounts, Place } from "./mounts.ts";
import type { RequestContext, Route } from "./route.ts";
import { type RouteFinder, reservedSegments } from "./route-finder.ts";
import type { Match } from "./router.ts";
import { parseTarget } from "./target.ts";
import type { Tickets } from "./ticket.ts";
import { checkAdmission } from "./ticket-check.ts";

/** Answers what no route did, such as files of the user's front end; `miss` is the error it takes the place of. */
export interface Fallback {
  handle(context: RequestContext, miss: ProxyError): void | Promise<void>;
  /** As `Route.isPage`, for one request. */
  isPage(context: RequestContext): boolean;
}

export interface Dispatcher {
  readonly policy: GuardPolicy;
  readonly tickets: Tickets;
  readonly mounts: Mounts;
  readonly findRoutes: RouteFinder;
  readonly fallback: Fallback | undefined;
}

/** One request from the guard to its route. Never throws: what goes wrong becomes the reply. */
export async function dispatch(dispatcher: Dispatcher, context: HttpContext): Promise<void> {
  try {
    await answer(dispatcher, context);
  } catch (error) {
    sendErrorOrCut(context, error);
  }
}

/** An error whose own reply cannot be made must not end the process. */
function sendErrorOrCut(context: HttpContext, error: unknown): void {
  try {
    context.sendError(error);
  } catch (second) {
    context.logger.error("an error reply could not be made", { err: second, id: context.callId });
    context.rawResponse.destroy();
  }
}

function answer(dispatcher: Dispatcher, context: HttpContext): void | Promise<void> {
  const { request } = context;
  const target = parseTarget(request.url ?? "");
  context.setHeader("Vary", "Origin");
  context.setHeader("X-Content-Type-Options", "nosniff");
  context.setHeader("X-Call-Id", context.callId);

  const guarded = toGuarded(request, target.authority);
  throwIf(checkHost(dispatcher.policy, guarded));
  const { origin } = guarded.headers;
  if (origin !== undefined) {
    throwIf(checkOrigin(dispatcher.policy, origin));
    context.origin = origin;
    allowOrigin(context, origin);
  }

  context.rawQuery = target.query;
  const { segments, place, match } = dispatcher.findRoutes(target.path);
  context.segments = segments;
  if (place !== undefined) {
    context.prefix = place.mount.prefix;
    context.note.octane = place.mount.octane;
  }
  if (match !== undefined) context.params = match.params;
  if (request.method === "OPTIONS") {
    answerOptions(context, match, origin !== undefined);
    return;
  }
  const route = findRoute(context, match);
  const fallback = route === undefined && canFallBack(context) ? dispatcher.fallback : undefined;
  context.route = route;
  if (origin === undefined) {
    const decision = checkWithoutOrigin(guarded);
    if (typeof decision === "object") throwIf(decision);
    if (decision === "navigation" && !(route?.isPage ?? fallback?.isPage(context) ?? false)) {
      throw new ProxyError(
        "refused_origin",
        "another site may only lead to a page of this proxy; a web page calls it by fetch from an origin given with --allow-origin",
      );
    }
  }
  if (dispatcher.policy.tokenHash !== undefined && route?.isPublic !== true) {
    const { refusal, onGone } = checkAdmission(dispatcher.policy, dispatcher.tickets, {
      headers: request.headers,
      path: `/${context.segments.join("/")}`,
      query: context.query,
      takesTicket: route?.takesTicket === true,
    });
    // Files need no token, but why there is none at this path would tell what can be called.
    if (refusal !== undefined && fallback !== undefined) return fallback.handle(context, toError(refusal));
    throwIf(refusal);
    if (onGone !== undefined) context.rawResponse.once("close", onGone);
  }
  if (route !== undefined) return route.handle(context);
  const miss =
    place === undefined ? dispatcher.mounts.explainMiss(segments) : explainMiss(place, context, match);
  if (fallback === undefined) throw miss;
  return fallback.handle(context, miss);
}

/** Throws what the guard decided, if it is a refusal. */
export function throwIf(refusal: Refusal | undefined): void {
  if (refusal !== undefined) throw toError(refusal);
}

function toError({ reason, message }: Refusal): ProxyError {
  return new ProxyError(reason, message);
}

/** What the guard reads of a node request. */
export function toGuarded(request: IncomingMessage, authority: string | undefined): GuardedRequest {
  return {
    method: request.method ?? "",
    rawHeaders: request.rawHeaders,
    headers: request.headers,
    authority,
  };
}

function findRoute(context: HttpContext, match: Match<Route> | undefined): Route | undefined {
  const method = context.isHead ? "GET" : context.request.method;
  return match?.entries.find(
    (route) => route.method === method && (route.accepts === undefined || route.accepts(context)),
  );
}

function canFallBack(context: HttpContext): boolean {
  const { method } = context.request;
  return (method === "GET" || method === "HEAD") && !reservedSegments.has(context.segments[0] ?? "");
}

function allowedMethods(match: Match<Route> | undefined): readonly string[] {
  if (match === undefined) return ["GET", "HEAD", "POST", "OPTIONS"];
  const methods = new Set<string>();
  for (const route of match.entries) {
    if (route.isUnlisted === true) continue;
    methods.add(route.method);
    if (route.method === "GET") methods.add("HEAD");
  }
  return [...methods, "OPTIONS"];
}

/** A preflight on an unknown path succeeds too, so that the page can read the 404 that follows. */
function answerOptions(context: HttpContext, match: Match<Route> | undefined, isCrossOrigin: boolean): void {
  const { request, response } = context;
  const methods = allowedMethods(match);
  response.setHeader("Allow", methods.join(", "));
  if (isCrossOrigin) {
    for (const [name, value] of Object.entries(preflightHeaders(request.headers, methods))) {
      if (value !== undefined) response.setHeader(name, value);
    }
  }
  context.sendEmpty();
}

function explainMiss(place: Place, context: HttpContext, match: Match<Route> | undefined): ProxyError {
  const { request, response, segments } = context;
  if (match === undefined) return unknownRoute(place, segments);
  try {
    for (const route of match.entries) {
      context.route ??= route;
      route.checkExists?.(match.params);
    }
  } catch (error) {
    if (error instanceof ProxyError) return error;
    throw error;
  }
  const methods = allowedMethods(match);
  response.setHeader("Allow", methods.join(", "));
  return new ProxyError(
    "wrong_http_method",
    `expected ${methods.filter((method) => method !== "OPTIONS").join(" or ")} on this path, got ${request.method}`,
  );
}

function unknownRoute(place: Place, segments: readonly string[]): ProxyError {
  const { router, upgrades, prefix } = place.mount;
  const path = `/${segments.join("/")}`;
  const shortPath = path.length > 120 ? `${path.slice(0, 120)}…` : path;
  const shown = JSON.stringify(shortPath);
  if (upgrades.find(place.segments) !== undefined) {
    const url = JSON.stringify(`ws://…${shortPath}`);
    return new ProxyError(
      "unknown_route",
      `${shown} is a WebSocket, and this is no handshake of one: open it with new WebSocket(${url})`,
    );
  }
  const [closest] = suggestNames(
    path,
    router.paths.filter((known) => !known.includes(":")).map((known) => `${prefix}${known}`),
  );
  const advice =
    closest === undefined
      ? "calls are POST /{Service}/{method}, and GET /contract lists them"
      : `did you mean ${JSON.stringify(closest)}?`;
  return new ProxyError("unknown_route", `nothing answers at ${shown}; ${advice}`);
}
