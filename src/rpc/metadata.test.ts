import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ProxyError } from "../errors.ts";
import { replyMetadata, requestMetadata } from "./metadata.ts";

describe("a request header", () => {
  const passing: readonly [header: string, value: string, name: string, values: string[]][] = [
    ["x-octane-user", "me", "x-octane-user", ["me"]],
    ["x-request-id", "r1", "x-request-id", ["r1"]],
    ["traceparent", "00-ab-cd-01", "traceparent", ["00-ab-cd-01"]],
    ["tracestate", "a=1", "tracestate", ["a=1"]],
    ["baggage", "k=v", "baggage", ["k=v"]],
    ["custom-bin", "AP8=", "custom-bin", ["AP8="]],
    ["custom-bin", "AP8,AQ==", "custom-bin", ["AP8", "AQ=="]],
    ["grpc-metadata-authorization", "Bearer x", "authorization", ["Bearer x"]],
    ["grpc-metadata-x-any", "1", "x-any", ["1"]],
  ];
  for (const [header, value, name, values] of passing) {
    test(`${header}: ${value} passes as ${name}`, () => {
      assert.deepEqual([...requestMetadata({ [header]: value })], [[name, values]]);
    });
  }

  for (const header of [
    "authorization",
    "cookie",
    "host",
    "content-type",
    "content-length",
    "te",
    "grpc-timeout",
    "grpc-status-details-bin",
    "x-grpc-web",
    "x-custom",
    "origin",
    "x-octane-ignored-fields",
    "x-call-id",
    "grpc-metadata-",
    "grpc-metadata-host",
    "grpc-metadata-grpc-timeout",
    "grpc-metadata-te",
    "grpc-metadata-content-type",
    "proxy-authorization",
    "sec-fetch-site",
    "x-custom!",
    "grpc-metadata-sec-a!",
  ]) {
    test(`${header} stays here`, () => {
      assert.equal(requestMetadata({ [header]: "value" }).size, 0);
    });
  }

  for (const [header, value] of [
    ["x-octane-a", "caf\u00e9"],
    ["x-octane-a", "a\tb"],
    ["a-bin", "not base64!"],
    ["a-bin", "AAAAA"],
    ["grpc-metadata-b-bin", "="],
    ["grpc-metadata-foo!", "x"],
    ["x-octane-f~o", "x"],
    ["grpc-metadata-a*-bin", "QQ=="],
    ["a|b-bin", "QQ=="],
  ] as const) {
    test(`${header}: ${JSON.stringify(value)} is refused by name`, () => {
      assert.throws(
        () => requestMetadata({ [header]: value }),
        (error) => {
          assert.ok(error instanceof ProxyError);
          assert.equal(error.reason, "invalid_header");
          assert.equal(error.field, header);
          return true;
        },
      );
    });
  }
});

describe("reply metadata", () => {
  test("passes under its own name or the prefix, headers and trailers together", () => {
    const headers = new Map([
      ["x-octane-a", ["1"]],
      ["custom", ["2"]],
      ["some-bin", ["AP8="]],
    ]);
    const trailers = new Map([
      ["x-octane-a", ["3"]],
      ["x-request-id", ["r"]],
    ]);
    assert.deepEqual(
      [...replyMetadata(headers, trailers)],
      [
        ["x-octane-a", ["1", "3"]],
        ["grpc-metadata-custom", ["2"]],
        ["some-bin", ["AP8="]],
        ["x-request-id", ["r"]],
      ],
    );
  });

  test("never steers HTTP, cookies, the browser or the proxy's own headers", () => {
    const names = [
      "content-type",
      "content-encoding",
      "transfer-encoding",
      "connection",
      "keep-alive",
      "set-cookie",
      "set-cookie2",
      "date",
      "access-control-allow-origin",
      "grpc-status",
      "grpc-message",
      "grpc-encoding",
      "grpc-status-details-bin",
      "server",
      "location",
      "www-authenticate",
      "x-octane-ignored-fields",
      "x-octane-epoch",
      "x-call-id",
      "content-security-policy",
    ];
    assert.deepEqual([...replyMetadata(new Map(names.map((name) => [name, ["v"]])), new Map()).keys()], []);
  });

  test("leaves out what HTTP cannot carry, and stops at a bound", () => {
    assert.equal(replyMetadata(new Map([["x-octane-a", ["a\r\nSet-Cookie: b"]]]), new Map()).size, 0);
    const many = new Map(Array.from({ length: 200 }, (_, i) => [`x-octane-${i}`, ["v".repeat(100)]]));
    const size = [...replyMetadata(many, new Map())].reduce(
      (sum, [name, values]) => sum + name.length + values.join("").length,
      0,
    );
    assert.ok(size > 4000 && size <= 8192, String(size));
  });
});
