import { pipeline } from "node:stream/promises";
import { ProxyError } from "../errors.ts";
import type { Recordings } from "../recording/recordings.ts";
import { forLocalCallers } from "./inspector-access.ts";
import type { RequestContext, Route } from "./route.ts";

const noStore = { "Cache-Control": "no-store" };

/** Recordings of one Octane: whether one runs, start and stop, and their files. For callers on this machine, or with the token. */
export function createRecordingRoutes(recordings: Recordings, needsToken: boolean): readonly Route[] {
  const routes: readonly Route[] = [
    {
      method: "GET",
      path: "/debug/recording",
      handle: (context) => sendStatus(context, recordings),
    },
    {
      method: "POST",
      path: "/debug/recording",
      async handle(context) {
        const { action, name } = readOrder(await context.readBody());
        await (action === "start" ? recordings.start(name) : recordings.stop());
        context.logger.info(`recording: ${action}`, { id: context.callId, origin: context.origin });
        await sendStatus(context, recordings);
      },
    },
    {
      method: "GET",
      path: "/debug/recording/:name",
      async handle(context) {
        const name = context.params.get("name") ?? "";
        const { handle, bytes } = await recordings.open(name);
        const { response } = context;
        context.note.replyBytes = bytes;
        response.writeHead(200, {
          ...noStore,
          "Content-Type": "application/gzip",
          "Content-Length": bytes,
          "Content-Disposition": `attachment; filename="${name}.rec"`,
        });
        if (context.isHead || bytes === 0) {
          await handle.close();
          response.end();
          return;
        }
        // Ends with the connection, which the proxy's end cuts.
        await pipeline(handle.createReadStream(), response);
      },
    },
  ];
  return forLocalCallers(routes, needsToken);
}

async function sendStatus(context: RequestContext, recordings: Recordings): Promise<void> {
  const { isEnabled, running, files } = await recordings.status();
  const body = {
    enabled: isEnabled,
    recording:
      running === undefined
        ? null
        : {
            name: running.name,
            startedAt: new Date(running.startedAtMs).toISOString(),
            calls: running.calls,
            bytes: running.bytes,
          },
    maxBytes: recordings.maxBytes,
    files: files.map(({ name, bytes, endedAtMs }) => ({
      name,
      bytes,
      endedAt: new Date(endedAtMs).toISOString(),
      path: `${context.prefix}/debug/recording/${name}`,
    })),
  };
  context.sendJson(200, body, noStore);
}

interface Order {
  readonly action: "start" | "stop";
  readonly name: string | undefined;
}

/** `{"action":"start","name":"session-1"}` or `{"action":"stop"}` @throws ProxyError `malformed_json` or `invalid_field` */
function readOrder(body: Buffer): Order {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new ProxyError("malformed_json", 'expected a JSON object with "action"', { cause });
  }
  const fields = new Map(Object.entries(typeof value === "object" && value !== null ? value : {}));
  const action: unknown = fields.get("action");
  const name: unknown = fields.get("name");
  if (action !== "start" && action !== "stop") throw invalid("action", '"start" or "stop"', action);
  if (name !== undefined && name !== null && typeof name !== "string")
    throw invalid("name", "a string", name);
  return { action, name: name ?? undefined };
}

function invalid(field: string, expected: string, came: unknown): ProxyError {
  const shown = JSON.stringify(came)?.slice(0, 80) ?? "nothing";
  return new ProxyError("invalid_field", `expected "${field}" to be ${expected}; got ${shown}`, { field });
}
