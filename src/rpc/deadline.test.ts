import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ProxyError } from "../errors.ts";
import { maxTimeoutMs, readTimeoutMs } from "./deadline.ts";

describe("the time for a call", () => {
  const cases: readonly [headers: Record<string, string>, timeoutMs: number][] = [
    [{}, 30_000],
    [{ "grpc-timeout": "5S" }, 5000],
    [{ "grpc-timeout": "100m" }, 100],
    [{ "grpc-timeout": "2M" }, 120_000],
    [{ "grpc-timeout": "1500u" }, 2],
    [{ "grpc-timeout": "1n" }, 1],
    [{ "grpc-timeout": "99999999H" }, maxTimeoutMs],
    [{ "connect-timeout-ms": "250" }, 250],
    [{ "x-timeout-ms": "750" }, 750],
    [{ "x-timeout-ms": "9999999999" }, maxTimeoutMs],
    [{ "grpc-timeout": "1S", "connect-timeout-ms": "2", "x-timeout-ms": "3" }, 1000],
    [{ "connect-timeout-ms": "2", "x-timeout-ms": "3" }, 2],
  ];
  for (const [headers, timeoutMs] of cases) {
    test(`${JSON.stringify(headers)} is ${timeoutMs} ms`, () => {
      assert.equal(readTimeoutMs(headers, 30_000), timeoutMs);
    });
  }

  for (const [name, value] of [
    ["grpc-timeout", "5"],
    ["grpc-timeout", "S"],
    ["grpc-timeout", "-1S"],
    ["grpc-timeout", "1s"],
    ["grpc-timeout", "123456789S"],
    ["grpc-timeout", ""],
    ["connect-timeout-ms", "1.5"],
    ["connect-timeout-ms", "1s"],
    ["x-timeout-ms", "-5"],
    ["x-timeout-ms", "12345678901"],
    ["x-timeout-ms", "5, 6"],
  ] as const) {
    test(`${name}: ${JSON.stringify(value)} is refused with what is expected`, () => {
      assert.throws(
        () => readTimeoutMs({ [name]: value }, 1),
        (error) => {
          assert.ok(error instanceof ProxyError);
          assert.equal(error.reason, "invalid_header");
          assert.ok(
            error.message.includes(`"${name}"`) && error.message.includes(JSON.stringify(value)),
            error.message,
          );
          return true;
        },
      );
    });
  }
});
