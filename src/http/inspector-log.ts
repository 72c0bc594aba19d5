import { ProxyError } from "../errors.ts";
import type { ClosableLogger } from "../observe/create-logger.ts";
import { acceptedLogLevels, logAreas, parseLogLevels } from "../observe/log-levels.ts";
import { forLocalCallers } from "./inspector-access.ts";
import type { LiveEvents } from "./inspector-live.ts";
import { readCount } from "./inspector-query.ts";
import type { RequestContext, Route } from "./route.ts";

export interface LogRoutesInit {
  readonly logger: Pick<ClosableLogger, "level" | "tail"> & Pick<ClosableLogger, "warn">;
  readonly live: LiveEvents;
  readonly needsToken: boolean;
}

const noStore = { "Cache-Control": "no-store" };
const defaultLines = 200;

/** The last lines of the log, live too, and its level, which may change. For callers on this machine, or with the token. */
export function createLogRoutes({ logger, live, needsToken }: LogRoutesInit): readonly Route[] {
  const sendLevel = (context: RequestContext) =>
    context.sendJson(200, { level: logger.level, areas: logAreas }, noStore);
  const routes: readonly Route[] = [
    {
      method: "GET",
      path: "/debug/log",
      isStream: true,
      takesTicket: true,
      accepts: ({ request }) => (request.headers.accept ?? "").includes("text/event-stream"),
      handle(context) {
        const count = readCount(context.query, "lines") ?? 0;
        return live.serve(context, (send) => {
          for (const line of count === 0 ? [] : logger.tail.lines(count)) send(`data: ${line}\n\n`);
          return logger.tail.onLine((line) => send(`data: ${line}\n\n`));
        });
      },
    },
    {
      method: "GET",
      path: "/debug/log",
      handle(context) {
        const lines = logger.tail.lines(readCount(context.query, "lines") ?? defaultLines);
        // Each line is JSON already.
        context.sendJson(200, Buffer.from(`{"lines":[${lines.join(",")}]}`), noStore);
      },
    },
    { method: "GET", path: "/debug/log-level", handle: sendLevel },
    {
      method: "PUT",
      path: "/debug/log-level",
      async handle(context) {
        const level = readLevel(await context.readBody());
        if (level !== logger.level) {
          logger.level = level;
          logger.warn(`the log level is now ${level}`, { id: context.callId, origin: context.origin });
        }
        sendLevel(context);
      },
    },
  ];
  return forLocalCallers(routes, needsToken);
}

/** `{"level": "info,upstream=debug"}` @throws ProxyError `malformed_json` or `invalid_field` */
function readLevel(body: Buffer): string {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new ProxyError("malformed_json", 'expected a JSON object with "level"', { cause });
  }
  const level =
    typeof value === "object" && value !== null ? new Map(Object.entries(value)).get("level") : undefined;
  if (typeof level === "string" && parseLogLevels(level) !== undefined) return level;
  const came = JSON.stringify(level)?.slice(0, 100) ?? "nothing";
  throw new ProxyError("invalid_field", `expected "level" to be ${acceptedLogLevels}; got ${came}`, {
    field: "level",
  });
}
