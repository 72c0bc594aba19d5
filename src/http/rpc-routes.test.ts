import assert from "node:assert/strict";
import { test } from "node:test";
import { startHttp } from "../../test/http-fixture.ts";
import { ProxyError } from "../errors.ts";
import { encodeIgnoredFields } from "./ignored-fields.ts";

const headers = { "content-type": "application/json", origin: "http://localhost:3000" };

test("the caller gets names, dialect, deadline, strictness and metadata", async (t) => {
  const { server, calls } = await startHttp(t);
  await fetch(`${server.url}/Known/name?strict=1`, {
    method: "POST",
    body: "{}",
    headers: { ...headers, "x-timeout-ms": "1500", traceparent: "00-aa-bb-01", cookie: "secret=1" },
  });
  await fetch(`${server.url}/api/grpc/Known/na%6De`, { method: "POST", body: "{}", headers });
  const [first, second] = calls;
  assert.equal(first?.strict, true);
  assert.equal(first?.timeoutMs, 1500);
  assert.equal(first?.dialect.name, "envelope");
  assert.deepEqual([...(first?.metadata ?? [])], [["traceparent", ["00-aa-bb-01"]]]);
  assert.equal(second?.strict, false);
  assert.equal(second?.timeoutMs, 30_000);
  assert.equal(second?.dialect.name, "plain");
  assert.equal(second?.method, "name");
});

test("ignored fields and reply metadata come back as headers that the page may read", async (t) => {
  const { server, callLog } = await startHttp(t, {
    async callJson({ note }) {
      if (note !== undefined) note.ignoredFields = ["camera.pos_sett", "naïve,key"];
      return {
        headers: new Map([["x-octane-version", ["15"]]]),
        trailers: new Map([["set-cookie", ["a=b"]]]),
      };
    },
  });
  const response = await fetch(`${server.url}/Known/name`, { method: "POST", body: "{}", headers });
  assert.equal(response.headers.get("x-octane-ignored-fields"), "camera.pos_sett,na%C3%AFve%2Ckey");
  assert.equal(response.headers.get("x-octane-version"), "15");
  assert.match(response.headers.get("access-control-expose-headers") ?? "", /, x-octane-version$/);
  assert.equal(response.headers.get("set-cookie"), null);
  assert.equal(callLog.records()[0]?.call, "Known/name");
});

test("ignored fields fit in 1 KB and survive half surrogate pairs", () => {
  assert.ok(encodeIgnoredFields(Array.from({ length: 500 }, (_, index) => `field${index}`)).length <= 1024);
  assert.equal(encodeIgnoredFields(["a", "x".repeat(2000), "b"]), "a,b");
  assert.equal(encodeIgnoredFields(["\ud800"]), "%EF%BF%BD");
  assert.equal(encodeIgnoredFields(["a\r\nSet-Cookie: x"]), "a%0D%0ASet-Cookie%3A%20x");
});

test("an error carries field, details, hint and trailers in both shapes", async (t) => {
  const { server } = await startHttp(t, {
    callJson: () =>
      Promise.reject(
        new ProxyError("upstream_status", "node is locked", {
          code: "ABORTED",
          field: "item.handle",
          details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "LOCKED" }],
          metadata: new Map([["x-octane-lock", ["7"]]]),
        }),
      ),
  });
  const envelope = await fetch(`${server.url}/Known/name`, { method: "POST", body: "{}", headers });
  assert.equal(envelope.status, 409);
  assert.equal(envelope.headers.get("x-octane-lock"), "7");
  const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "LOCKED" }];
  assert.deepEqual(await envelope.json(), {
    success: false,
    error: "node is locked",
    code: "ABORTED",
    reason: "upstream_status",
    field: "item.handle",
    details,
  });
  const plain = await fetch(`${server.url}/api/grpc/Known/name`, { method: "POST", body: "{}", headers });
  assert.deepEqual(await plain.json(), {
    error: "node is locked",
    service: "Known",
    method: "name",
    code: 10,
    reason: "upstream_status",
    field: "item.handle",
    details,
  });
});

test("Octane away is a 503 with advice", async (t) => {
  const { server } = await startHttp(t, {
    callJson: () => Promise.reject(new ProxyError("upstream_unavailable", "Octane does not answer")),
  });
  const response = await fetch(`${server.url}/Known/name`, { method: "POST", body: "{}", headers });
  assert.equal(response.status, 503);
  assert.match(
    ((await response.json()) as { hint: string }).hint,
    /Octane runs.*LiveLink.*--octane.*firewall/,
  );
});
