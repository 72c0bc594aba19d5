import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProxyError } from "../errors.ts";
import { createRouter } from "./router.ts";
import { parseSegments, parseTarget } from "./target.ts";

test("request targets are taken apart", async (t) => {
  const cases: [string, ReturnType<typeof parseTarget>][] = [
    ["/a/b?x=1&y=?", { authority: undefined, path: "/a/b", query: "x=1&y=?" }],
    ["http://Host:1/a?b", { authority: "Host:1", path: "/a", query: "b" }],
    ["HTTPS://host", { authority: "host", path: "/", query: "" }],
    ["http://user@host/a", { authority: "user@host", path: "/a", query: "" }],
    ["//host/a", { authority: undefined, path: "//host/a", query: "" }],
    ["*", { authority: undefined, path: "*", query: "" }],
  ];
  for (const [url, expected] of cases) {
    await t.test(url, () => assert.deepEqual(parseTarget(url), expected));
  }
});

test("segments are percent-decoded once and stay apart", async (t) => {
  const cases: [string, readonly string[]][] = [
    ["/", []],
    ["/a/b", ["a", "b"]],
    ["/a/", ["a", ""]],
    ["/a%2Fb/c", ["a/b", "c"]],
    ["/%2561", ["%61"]],
    ["/%2e%2e/x", ["..", "x"]],
    ["/caf%C3%A9", ["café"]],
  ];
  for (const [path, expected] of cases) {
    await t.test(path, () => assert.deepEqual(parseSegments(path), expected));
  }
  for (const path of ["/%", "/%zz", "/%ff", "/a%00b", "a/b", ""]) {
    await t.test(`${JSON.stringify(path)} is malformed`, () => {
      assert.throws(
        () => parseSegments(path),
        (error) => (error as ProxyError).reason === "malformed_path",
      );
    });
  }
});

test("literal segments win over parameters, which match no empty segment", async (t) => {
  const router = createRouter(
    [
      "/",
      "/health",
      "/:service/:method",
      "/render/stream",
      "/api/grpc/:service/:method",
      "/a/:x/c",
      "/a/b/:y",
    ].map((path) => ({ path })),
  );
  const cases: [readonly string[], string | undefined, Record<string, string>][] = [
    [[], "/", {}],
    [["health"], "/health", {}],
    [["render", "stream"], "/render/stream", {}],
    [["ApiItem", "name"], "/:service/:method", { service: "ApiItem", method: "name" }],
    [["render", "other"], "/:service/:method", { service: "render", method: "other" }],
    [["api", "grpc", "A", "b"], "/api/grpc/:service/:method", { service: "A", method: "b" }],
    [["a", "b", "c"], "/a/b/:y", { y: "c" }],
    [["a", "z", "c"], "/a/:x/c", { x: "z" }],
    [["ApiItem", ""], undefined, {}],
    [["", "name"], undefined, {}],
    [["health", ""], undefined, {}],
    [["__proto__"], undefined, {}],
    [["constructor", "toString"], "/:service/:method", { service: "constructor", method: "toString" }],
    [["render/stream"], undefined, {}],
  ];
  for (const [segments, path, params] of cases) {
    await t.test(JSON.stringify(segments), () => {
      const match = router.find(segments);
      assert.equal(match?.entries[0]?.path, path);
      assert.deepEqual(Object.fromEntries(match?.params ?? []), params);
    });
  }
});
