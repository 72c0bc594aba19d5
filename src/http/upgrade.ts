import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { asProxyError, ProxyError, type Reason } from "../errors.ts";
import type { Logger } from "../observe/logger.ts";
import { refuseSocket } from "./client-error.ts";
import { throwIf, toGuarded } from "./dispatch.ts";
import { checkHost, checkOrigin, checkWithoutOrigin, type GuardPolicy, offeredProtocols } from "./guard.ts";
import type { Mounts } from "./mounts.ts";
import { noteFinished, type RequestSinks } from "./request-log.ts";
import type { RequestNote, UpgradeRoute } from "./route.ts";
import type { Match } from "./router.ts";
import { parseSegments, parseTarget } from "./target.ts";
import type { Tickets } from "./ticket.ts";
import { checkAdmission } from "./ticket-check.ts";

export interface UpgradeDispatcher {
  readonly policy: GuardPolicy;
  readonly tickets: Tickets;
  readonly mounts: Mounts;
  readonly logger: Logger;
  readonly callIdOf: (header: string | string[] | undefined) => string;
  readonly sinks: RequestSinks;
  readonly onFailure: (error: ProxyError, route: UpgradeRoute | undefined) => void;
}

/** WebSockets that the guard let through, until they close. */
export interface OpenSockets {
  /** @throws ProxyError when they are being closed. */
  add(socket: Duplex, abort: (reason: ProxyError) => void): void;
}

/**
 * Holds a WebSocket handshake to the same guard as any request, then hands the socket to its route. A refusal is
 * an ordinary HTTP error reply.
 */
export function dispatchUpgrade(
  dispatcher: UpgradeDispatcher,
  open: OpenSockets,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const callId = dispatcher.callIdOf(request.headers["x-call-id"]);
  const startedAtMs = performance.now();
  const note: RequestNote = {};
  const headers: Record<string, string> = { Vary: "Origin", "X-Call-Id": callId };
  // Until a WebSocket library takes over, nobody else listens.
  socket.on("error", () => socket.destroy());
  let route: UpgradeRoute | undefined;
  let isNoted = false;
  const finish = (status: number, outcome: string) => {
    if (isNoted) return;
    isNoted = true;
    noteFinished(
      {
        ...{ note, request, callId, startedAtMs, status, logger: dispatcher.logger },
        origin: request.headers.origin,
        outcome: `over WebSocket ${outcome}`,
        replyHeaders: [],
      },
      dispatcher.sinks,
    );
  };
  try {
    const { octane, match, segments, query } = admit(dispatcher, request, headers, socket);
    note.octane = octane;
    route = match.entries[0];
    if (route === undefined) return;
    const controller = new AbortController();
    open.add(socket, (reason) => controller.abort(reason));
    socket.once("close", () => {
      const isCall = note.call !== undefined;
      // The handshake itself was not understood.
      if (isCall && note.replyMessages === undefined) return finish(400, "refused");
      if (isCall && note.endedAtMs === undefined) note.error ??= controller.signal.reason;
      finish(101, note.error === undefined ? "done" : asProxyError(note.error).reason);
    });
    route.handle(request, socket, head, {
      segments,
      params: match.params,
      query,
      origin: request.headers.origin,
      callId,
      protocol: offeredProtocols(request.headers).includes("octane-proxy") ? "octane-proxy" : undefined,
      replyHeaders: [`X-Call-Id: ${callId}`],
      refusalHeaders: headers,
      signal: controller.signal,
      logger: dispatcher.logger,
      note,
    });
  } catch (thrown) {
    const error = asProxyError(thrown);
    if (error.reason === "limit_reached") headers["Retry-After"] = "1";
    if (error.reason === "wrong_http_method") headers.Allow = "GET";
    if (error.reason === "missing_token") headers["WWW-Authenticate"] = 'Bearer realm="octane-proxy"';
    dispatcher.onFailure(error, route);
    if (note.call === undefined) logRefusal(dispatcher.logger, request, callId, error);
    else {
      note.error = error;
      finish(error.httpStatus, error.reason);
    }
    isNoted = true;
    refuseSocket(socket, error, headers, { isHead: request.method === "HEAD" });
  }
}

function admit(
  { policy, tickets, mounts }: UpgradeDispatcher,
  request: IncomingMessage,
  headers: Record<string, string>,
  socket: Duplex,
): {
  octane: string;
  match: Match<UpgradeRoute>;
  segments: readonly string[];
  query: URLSearchParams;
} {
  const target = parseTarget(request.url ?? "");
  const guarded = toGuarded(request, target.authority);
  throwIf(checkHost(policy, guarded));
  const { origin } = request.headers;
  if (origin !== undefined) {
    throwIf(checkOrigin(policy, origin));
    headers["Access-Control-Allow-Origin"] = origin;
  } else {
    const decision = checkWithoutOrigin(guarded);
    if (decision === "navigation") {
      throw new ProxyError("refused_origin", "a navigation cannot open a WebSocket");
    }
    if (decision !== "allowed") throwIf(decision);
  }
  const segments = parseSegments(target.path);
  const place = mounts.find(segments);
  const match = place?.mount.upgrades.find(place.segments);
  const query = new URLSearchParams(target.query);
  const { refusal, onGone } = checkAdmission(policy, tickets, {
    headers: request.headers,
    path: `/${segments.join("/")}`,
    query,
    takesTicket: match?.entries[0]?.takesTicket === true,
  });
  throwIf(refusal);
  if (onGone !== undefined) socket.once("close", onGone);
  if (place === undefined) throw mounts.explainMiss(segments);
  const { octane, prefix, upgrades } = place.mount;
  if (match === undefined) {
    const paths = upgrades.paths.map((path) => `${prefix}${path}`);
    throw new ProxyError(
      "unknown_route",
      `no WebSocket at this path; there are ${paths.join(", ") || "none"}`,
    );
  }
  if (request.method !== "GET") {
    throw new ProxyError("wrong_http_method", "a WebSocket handshake is a GET request");
  }
  return { octane, match, segments, query };
}

const guardReasons: ReadonlySet<Reason> = new Set(["refused_host", "refused_origin", "missing_token"]);

function logRefusal(logger: Logger, request: IncomingMessage, id: string, error: ProxyError): void {
  const fields = { id, origin: request.headers.origin, err: error.culprit === "proxy" ? error : undefined };
  if (guardReasons.has(error.reason) || error.culprit === "proxy") {
    logger.warn(`WebSocket refused: ${error.message}`, fields);
  } else {
    logger.debug(`WebSocket refused: ${error.message}`, fields);
  }
}
