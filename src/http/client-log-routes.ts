import { ProxyError } from "../errors.ts";
import { toVisibleLine, toVisibleLines } from "../observe/visible-text.ts";
import { type ClientLogStore, isSessionId } from "./client-log-store.ts";
import { formatEnvelopeError } from "./error-reply.ts";
import type { RequestContext, Route } from "./route.ts";

const maxEntryCharacters = 64 * 1024;

/** Where `/api/log` writes: octaneWebR names no session. */
const octaneWebRSession = "octaneWebR";

/** The original's client-log endpoints and octaneWebR's two, with the replies that their clients know. */
export function createClientLogRoutes(store: ClientLogStore): readonly Route[] {
  return [
    post("/debug/clear-log", async (context, fields) => {
      const id = sessionOf(fields);
      await store.clear(id);
      context.sendJson(200, { success: true, message: `log of session ${id} cleared` });
    }),
    post("/debug/append-log", async (context, fields) => {
      const id = sessionOf(fields);
      await store.append(id, formatEntry(fields.get("timestamp"), undefined, textOf(fields, "logEntry")));
      context.sendJson(200, { success: true });
    }),
    post("/save-debug-logs", async (context, fields) => {
      const saved = await store.save(sessionOf(fields), toVisibleLines(textOf(fields, "content")));
      context.sendJson(200, {
        success: true,
        filename: saved.name,
        filepath: saved.path,
        timestamp: new Date().toISOString(),
        size: saved.size,
      });
    }),
    {
      method: "GET",
      path: "/debug-logs/:id",
      async handle(context) {
        const id = context.params.get("id");
        const text = await store.read(checkSession(id));
        if (text === undefined) throw new ProxyError("unknown_resource", `session "${id}" has no log here`);
        context.sendText(200, "text/plain; charset=utf-8", text, { "Cache-Control": "no-store" });
      },
    },
    post("/api/log", async (context, fields) => {
      const level = fields.get("level");
      const shownLevel = typeof level === "string" ? level : undefined;
      await store.append(
        octaneWebRSession,
        formatEntry(fields.get("timestamp"), shownLevel, textOf(fields, "message")),
      );
      context.sendJson(200, { success: true });
    }),
    post("/api/logClear", async (context) => {
      await store.clear(octaneWebRSession);
      context.sendJson(200, { success: true });
    }),
  ];
}

type Fields = ReadonlyMap<string, unknown>;

function post(path: string, handle: (context: RequestContext, fields: Fields) => Promise<void>): Route {
  return {
    method: "POST",
    path,
    formatError: formatEnvelopeError,
    async handle(context) {
      await handle(context, parseFields(await context.readBody()));
    },
  };
}

function parseFields(body: Buffer): Fields {
  if (body.length === 0) return new Map();
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new ProxyError("malformed_json", "the body is not valid JSON", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ProxyError("malformed_json", "expected a JSON object");
  }
  return new Map(Object.entries(value));
}

function sessionOf(fields: Fields): string {
  return checkSession(fields.get("sessionId") ?? "unknown");
}

function checkSession(id: unknown): string {
  if (isSessionId(id)) return id;
  throw new ProxyError("invalid_field", "expected a session id of 1 to 64 letters, digits, `_` or `-`", {
    field: "sessionId",
  });
}

/** Clients log objects too: those become JSON. */
function textOf(fields: Fields, name: string): string {
  const value = fields.get(name);
  if (value === undefined || value === null) {
    throw new ProxyError("invalid_field", `expected a text in "${name}", got none`, { field: name });
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** One line per entry, so that no entry can look like two. */
function formatEntry(timestamp: unknown, level: string | undefined, text: string): string {
  const time =
    typeof timestamp === "string" || typeof timestamp === "number"
      ? toVisibleLine(String(timestamp).slice(0, 64))
      : new Date().toISOString();
  const shownLevel = level === undefined ? "" : `${toVisibleLine(level.slice(0, 16))} `;
  return `[${time}] ${shownLevel}${toVisibleLine(text.slice(0, maxEntryCharacters))}`;
}
