import { ProxyError } from "../errors.ts";
import type { CallLog, CallRecord } from "../observe/call-log.ts";
import { forLocalCallers } from "./inspector-access.ts";
import { describeBodies } from "./inspector-bodies.ts";
import { createHar } from "./inspector-har.ts";
import { describeCall, describeWholeCall } from "./inspector-json.ts";
import type { LiveEvents } from "./inspector-live.ts";
import { type CallFilter, readCallFilter } from "./inspector-query.ts";
import type { Route } from "./route.ts";

export interface InspectorInit {
  readonly callLog: CallLog;
  readonly live: LiveEvents;
  /** Whether the proxy has a token, which the guard then asks for. */
  readonly needsToken: boolean;
  readonly version: string;
  /** Whether clients come by https. */
  readonly isSecure: boolean;
}

const noStore = { "Cache-Control": "no-store" };
const defaultLimit = 100;

/** The last calls: a list, one of them whole, its bodies, live, and as HAR. For callers on this machine, or with the token. */
export function createInspectorRoutes(init: InspectorInit): readonly Route[] {
  const { callLog, live } = init;
  const routes: readonly Route[] = [
    {
      method: "GET",
      path: "/debug/calls",
      handle(context) {
        const filter = readCallFilter(context.query);
        const calls = select(callLog, filter, defaultLimit).map(describeCall);
        context.sendJson(200, { calls, count: callLog.count }, noStore);
      },
    },
    {
      method: "GET",
      path: "/debug/calls/:id",
      handle(context) {
        const record = findCall(callLog, context.params.get("id") ?? "");
        context.sendJson(200, describeWholeCall(record), noStore);
      },
    },
    {
      method: "GET",
      path: "/debug/calls/:id/bodies",
      handle(context) {
        const record = findCall(callLog, context.params.get("id") ?? "");
        context.sendJson(200, describeBodies(record), noStore);
      },
    },
    {
      method: "GET",
      path: "/debug/calls/stream",
      isStream: true,
      takesTicket: true,
      handle(context) {
        const { matches } = readCallFilter(context.query);
        return live.serve(context, (send) =>
          callLog.onRecord((record) => {
            if (matches(record)) send(formatEvent(record));
          }),
        );
      },
    },
    {
      method: "GET",
      path: "/debug/calls.har",
      handle(context) {
        const records = select(callLog, readCallFilter(context.query), undefined);
        context.sendJson(200, createHar(records, init), {
          ...noStore,
          "Content-Disposition": 'attachment; filename="octane-proxy.har"',
        });
      },
    },
  ];
  return forLocalCallers(routes, init.needsToken);
}

/** Newest first. */
function select(
  callLog: CallLog,
  { matches, limit }: CallFilter,
  most: number | undefined,
): readonly CallRecord[] {
  return callLog
    .records()
    .filter(matches)
    .reverse()
    .slice(0, limit ?? most);
}

/** By call id, the newest where several have it, or by sequence number. */
function findCall(callLog: CallLog, id: string): CallRecord {
  const records = callLog.records();
  const found =
    records.findLast((record) => record.id === id) ??
    records.find((record) => String(record.sequence) === id);
  if (found !== undefined) return found;
  throw new ProxyError(
    "unknown_resource",
    `no call with the id ${JSON.stringify(id.slice(0, 128))} is among the last ${records.length}; GET /debug/calls lists them`,
  );
}

function formatEvent(record: CallRecord): string {
  return `event: call\nid: ${record.sequence}\ndata: ${JSON.stringify(describeCall(record))}\n\n`;
}
