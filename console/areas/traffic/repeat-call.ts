import type { CallBodies, WholeCall } from "./call.ts";

export interface RepeatedRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

export type Repeat =
  | { readonly request: RepeatedRequest; readonly obstacle?: undefined }
  | { readonly request?: undefined; readonly obstacle: string };

/** Headers that change what a request means; the browser sets those of its own. */
const meaningfulHeader =
  /^(accept|content-type|connect-.*|x-grpc-web|x-user-agent|x-timeout-ms|grpc-timeout|x-octane-.*|prefer)$/;

/** The same request once more, or in words why it cannot be made from what the proxy has kept. */
export function repeatCall(call: WholeCall, { request: body }: CallBodies): Repeat {
  if (call.protocol === "websocket") return { obstacle: "A WebSocket is a conversation: open it in Calls." };
  if (call.kind?.includes("streaming"))
    return { obstacle: "It is a stream, which may never end: open it in Calls." };
  if (call.httpMethod !== "POST" && call.httpMethod !== "GET") {
    return { obstacle: `Requests of ${call.httpMethod} are not repeated.` };
  }
  if (!call.path.startsWith("/")) return { obstacle: "Its address is not one of this proxy." };
  if (call.path.includes("[redacted]") || body?.isRedacted) {
    return { obstacle: "It held a secret, which the proxy does not keep." };
  }
  if (call.requestBytes > 0 && (body === null || body.keptBytes < call.requestBytes)) {
    return { obstacle: "The proxy has not kept its body whole." };
  }
  return {
    request: {
      method: call.httpMethod,
      path: call.path,
      headers: Object.fromEntries(
        call.requestHeaders
          .filter(({ name }) => meaningfulHeader.test(name))
          .map(({ name, value }) => [name, value]),
      ),
      body: call.httpMethod === "GET" || body === null ? undefined : bytesOf(body),
    },
  };
}

/**
 * The message that a call sent, as JSON for the Calls area: undefined where the body is no message alone, is not whole,
 * or is binary.
 */
export function messageOf(call: WholeCall, { request: body }: CallBodies): string | undefined {
  if (call.service === null || body === null || body.encoding !== "utf8") return undefined;
  if (body.keptBytes < body.size || call.protocol === "websocket") return undefined;
  const text = body.text.trim();
  return text.startsWith("{") && text.endsWith("}") ? text : undefined;
}

function bytesOf({
  text,
  encoding,
}: {
  readonly text: string;
  readonly encoding: "utf8" | "base64";
}): Uint8Array {
  return encoding === "utf8"
    ? new TextEncoder().encode(text)
    : Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
