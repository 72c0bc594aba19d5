import type { IncomingHttpHeaders } from "node:http";
import { checkToken, type GuardPolicy, type Refusal } from "./guard.ts";
import type { Tickets } from "./ticket.ts";

export interface Admission {
  readonly refusal: Refusal | undefined;
  /** To be called when the viewer that a ticket admitted has left. */
  readonly onGone?: () => void;
}

/** The token, or on a viewer route a ticket in its place. */
export function checkAdmission(
  policy: GuardPolicy,
  tickets: Tickets,
  request: { headers: IncomingHttpHeaders; path: string; query: URLSearchParams; takesTicket: boolean },
): Admission {
  const refusal = checkToken(policy, request.headers);
  if (refusal === undefined || !request.takesTicket) return { refusal };
  const offered = request.query.getAll("ticket");
  const [ticket] = offered;
  if (ticket === undefined) {
    return {
      refusal: {
        ...refusal,
        message: `${refusal.message}; where that is impossible, get a ticket from POST /ticket`,
      },
    };
  }
  const admitted = offered.length === 1 ? tickets.admit(ticket, request.path) : undefined;
  if (admitted !== undefined) return { refusal: undefined, onGone: admitted.onGone };
  return {
    refusal: {
      reason: "missing_token",
      message:
        "the ticket is unknown, too old, or for another route: get one from POST /ticket with the token",
    },
  };
}
