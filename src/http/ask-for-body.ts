import type { IncomingMessage, ServerResponse } from "node:http";

/** Lets a client that waits with its body (`Expect: 100-continue`) send it, unless it was told to already. */
export function askForBody(request: IncomingMessage, response: ServerResponse): void {
  const { expect } = request.headers;
  if (expect === undefined || request.httpVersion !== "1.1" || !/100-continue/i.test(expect)) return;
  // Node's own note, which is not documented: a server around the proxy may have asked before us.
  const { _sent100: isAsked } = response as ServerResponse & { readonly _sent100?: boolean };
  if (isAsked !== true) response.writeContinue();
}
