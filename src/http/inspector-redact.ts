import type { CallHeaders } from "../observe/call-log.ts";
import { isSecretName } from "../observe/preview.ts";

const hidden = "[redacted]";

/** In names of headers and query parameters; a WebSocket's subprotocols may hold the token. */
const secretPart = /authorization|cookie|token|secret|password|api-?key|ticket|^sec-websocket-protocol$/i;

/** Each value of each header on its own, secrets hidden. */
export function visibleHeaders(headers: CallHeaders): readonly { name: string; value: string }[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const values = Array.isArray(value) ? value : [value];
    return values.map((each) => ({ name, value: isSecret(name) ? hidden : String(each) }));
  });
}

/** A request's target with the values of secrets hidden. */
export function visibleTarget(target: string): string {
  const start = target.indexOf("?");
  if (start < 0) return target;
  const parts = target
    .slice(start + 1)
    .split("&")
    .map((part) => {
      const end = part.indexOf("=");
      return end >= 0 && isSecret(decode(part.slice(0, end))) ? `${part.slice(0, end)}=${hidden}` : part;
    });
  return `${target.slice(0, start)}?${parts.join("&")}`;
}

function isSecret(name: string): boolean {
  return isSecretName(name) || secretPart.test(name);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // No name that anything knows.
    return text;
  }
}
