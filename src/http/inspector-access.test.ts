import assert from "node:assert/strict";
import { test } from "node:test";
import { ProxyError } from "../errors.ts";
import { forLocalCallers } from "./inspector-access.ts";
import type { RequestContext, Route } from "./route.ts";

const inner: Route = { method: "GET", path: "/debug/x", handle: () => undefined };

function ask(remoteAddress: string | undefined, needsToken: boolean): string {
  const [route] = forLocalCallers([inner], needsToken);
  try {
    void route?.handle({ request: { socket: { remoteAddress } } } as unknown as RequestContext);
    return "answered";
  } catch (error) {
    return error instanceof ProxyError ? error.reason : "thrown";
  }
}

for (const [address, expected] of [
  ["127.0.0.1", "answered"],
  ["127.8.9.10", "answered"],
  ["::1", "answered"],
  ["::ffff:127.0.0.1", "answered"],
  [undefined, "answered"],
  ["192.168.1.20", "only_local"],
  ["::ffff:192.168.1.20", "only_local"],
  ["2001:db8::1", "only_local"],
  ["0.0.0.0", "only_local"],
] as const) {
  test(`a caller at ${address ?? "a Unix socket"} without a token: ${expected}`, () => {
    assert.equal(ask(address, false), expected);
    assert.equal(ask(address, true), "answered", "with a token the guard has asked for it");
  });
}
