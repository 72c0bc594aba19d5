import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import type { Method } from "./method.ts";
import { createSnippet, hasSnippet, type SnippetCall, snippetKinds } from "./snippets.ts";

const kinds: readonly Method["kind"][] = ["unary", "server_streaming", "client_streaming", "bidi_streaming"];

test("a shell hands curl the request as it is, whatever characters it has", {
  skip: process.platform === "win32",
}, () => {
  const value = { text: `it's "$HOME" \`id\` \\ $(id) ü\n!`, long: "18446744073709551615" };
  const snippet = createSnippet("curl", call({ body: JSON.stringify(value, null, 2) }));
  const printed = spawnSync(
    "sh",
    ["-c", `curl() { for each in "$@"; do printf '%s\\n' "$each"; done; }\n${snippet}`],
    {
      encoding: "utf8",
    },
  );
  const words = printed.stdout.trimEnd().split("\n");
  assert.deepEqual(JSON.parse(words.at(-1) ?? ""), value);
  assert.ok(words.includes("http://127.0.0.1:51023/api/grpc/ApiItem/name"));
});

test("integers that JavaScript would round keep their digits in every snippet", () => {
  for (const kind of snippetKinds) {
    assert.ok(
      createSnippet(kind, call({ body: '{"handle":9007199254740993}' })).includes('"9007199254740993"'),
      kind,
    );
  }
});

test("a snippet takes the token from the environment, and only where the proxy has one", () => {
  for (const kind of snippetKinds) {
    for (const methodKind of kinds) {
      const method = { service: "ApiItem", name: "name", kind: methodKind };
      assert.ok(createSnippet(kind, call({ method, needsToken: true })).includes("OCTANE_PROXY_TOKEN"));
      assert.ok(!createSnippet(kind, call({ method })).includes("TOKEN"));
    }
  }
});

test("JavaScript snippets of every kind of method are programs", () => {
  for (const kind of ["fetch", "client"] as const) {
    for (const methodKind of kinds) {
      const method = { service: "ApiItem", name: "name", kind: methodKind };
      const snippet = createSnippet(kind, call({ method, needsToken: true, body: '{"a":{"b":[1]}}' }));
      const checked = spawnSync(process.execPath, ["--input-type=module", "--check", "-"], {
        input: snippet,
        encoding: "utf8",
      });
      assert.equal(checked.status, 0, `${kind} ${methodKind}\n${snippet}\n${checked.stderr}`);
    }
  }
});

test("curl is offered for methods that take one request", () => {
  assert.deepEqual(
    kinds.filter((kind) => hasSnippet("curl", { kind })),
    ["unary", "server_streaming"],
  );
});

function call(changes: Partial<SnippetCall> = {}): SnippetCall {
  return {
    proxyUrl: "http://127.0.0.1:51023",
    method: { service: "ApiItem", name: "name", kind: "unary" },
    body: "{}",
    needsToken: false,
    ...changes,
  };
}
