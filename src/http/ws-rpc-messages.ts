import { ProxyError } from "../errors.ts";
import { parseJson } from "../transcode/json-parse.ts";
import { JsonObject } from "../transcode/json-value.ts";

/** What a client says on `/ws/{Service}/{method}`. */
export type ClientMessage =
  /** JSON text of one request message, exactly as it was written. */
  | { readonly type: "message"; readonly json: Uint8Array }
  /** No more requests will come. */
  | { readonly type: "end" }
  | { readonly type: "cancel" };

const expected = '{"message":{…}}, {"end":{}} or {"cancel":{}}';
const opening = /^\s*\{\s*"(message|end|cancel)"\s*:/;
const closing = /\}\s*$/;

/**
 * The value of `message` is cut out unread, so that no digit of a number is lost before its codec sees it.
 * @throws ProxyError `malformed_request` for anything else than an object with one of the three keys.
 */
export function parseClientMessage(data: Buffer, isBinary: boolean): ClientMessage {
  if (isBinary)
    throw new ProxyError("malformed_request", `expected a text message, ${expected}; got a binary one`);
  const text = data.toString("utf8");
  const start = opening.exec(text);
  const end = closing.exec(text);
  if (start === null || end === null) {
    throw new ProxyError(
      "malformed_request",
      `expected ${expected}; got ${JSON.stringify(text.slice(0, 60))}`,
    );
  }
  const value = text.slice(start[0].length, end.index);
  // An empty body would do as the empty message, but this is no JSON at all.
  if (value.trim() === "") throw new ProxyError("malformed_request", `expected a value after "${start[1]}":`);
  if (start[1] === "message") return { type: "message", json: Buffer.from(value, "utf8") };
  if (!/^\s*\{\s*\}\s*$/.test(value)) {
    checkWhole(data);
    throw new ProxyError(
      "malformed_request",
      `expected {"${start[1]}":{}}; got ${JSON.stringify(text.slice(0, 60))}`,
    );
  }
  return { type: start[1] === "end" ? "end" : "cancel" };
}

/**
 * For a client's message whose value was refused: what is wrong with the whole, which the value alone cannot tell.
 * @throws ProxyError where it is no JSON, with line and column in what the client sent, or holds more than one key.
 */
export function checkWhole(data: Buffer): void {
  const whole = parseJson(data);
  if (!(whole instanceof JsonObject) || whole.keys.length === 1) return;
  const keys = whole.keys.slice(0, 4).map((key) => JSON.stringify(key.slice(0, 60)));
  throw new ProxyError(
    "malformed_request",
    `expected exactly one key, as in ${expected}; got ${whole.keys.length}: ${keys.join(", ")}`,
  );
}
