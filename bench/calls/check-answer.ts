import { deepStrictEqual } from "node:assert";
import type { ServerProcess } from "./server-process.ts";
import type { ServerName } from "./servers.ts";

/** Asks once and compares: a server that answers something else is not worth measuring. */
export async function checkAnswer(
  name: ServerName,
  server: ServerProcess,
  { path, body, reply }: { readonly path: string; readonly body: string; readonly reply: string },
): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body,
  });
  const text = await response.text();
  if (response.status !== 200) {
    throw new Error(`${name} answers ${path} with ${response.status}: ${text.slice(0, 200)}`);
  }
  deepStrictEqual(message(text), message(reply), `${name} answers ${path} with another message`);
}

/** Without the envelope that this proxy puts around it. */
function message(json: string): unknown {
  const value: unknown = JSON.parse(json);
  return typeof value === "object" && value !== null && "success" in value && "data" in value
    ? value.data
    : value;
}
