import assert from "node:assert/strict";
import { test } from "node:test";
import { previewJson, shorten } from "./preview.ts";

test("previews elide bytes, cut arrays and texts, and hide secrets", async (t) => {
  const cases: [string, unknown, unknown][] = [
    ["small values stay", { a: 1, b: [true, null, "x"] }, { a: 1, b: [true, null, "x"] }],
    ["bytes in base64", { data: Buffer.alloc(3000).toString("base64") }, { data: "<3000 bytes>" }],
    ["padded bytes", { data: Buffer.alloc(3001).toString("base64") }, { data: "<3001 bytes>" }],
    ["long arrays", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 2, 3, 4, 5, 6, 7, 8, "… 2 more"]],
    ["long texts", "a b ".repeat(100), `${"a b ".repeat(64)}… (400 characters)`],
    [
      "secrets at any depth",
      { token: "t", a: [{ Authorization: "Bearer x", cookie: "y", api_key: "z", tokens: 1 }] },
      {
        token: "[redacted]",
        a: [{ Authorization: "[redacted]", cookie: "[redacted]", api_key: "[redacted]", tokens: 1 }],
      },
    ],
  ];
  for (const [name, value, expected] of cases) {
    await t.test(name, () => {
      assert.equal(previewJson(Buffer.from(JSON.stringify(value))), JSON.stringify(expected));
    });
  }
});

test("a frame of 8 MB costs nothing but its size", () => {
  const body = Buffer.from(JSON.stringify({ buffer: { data: Buffer.alloc(8_294_400).toString("base64") } }));
  const preview = previewJson(body) ?? "";
  assert.ok(preview.length < 200);
  assert.match(preview, /<bytes>.*\(11059222 bytes\)$/);
  assert.equal(shorten(Buffer.alloc(8_294_400)), "<8294400 bytes>");
});

test("what cannot be parsed is shown from its beginning, without its secrets", () => {
  assert.equal(previewJson(Buffer.from("{oops")), "{oops… (5 bytes)");
  assert.equal(previewJson(Buffer.from('{"token":"abc","x"')), '{"token":"[redacted]","x"… (18 bytes)');
  assert.match(previewJson(Buffer.from("[".repeat(200_000))) ?? "", /\(200000 bytes\)$/);
  assert.match(previewJson(Buffer.from("[".repeat(10_000) + "]".repeat(10_000))) ?? "", /…/);
  assert.equal(previewJson(Buffer.from('{"password":"abc'), 9_000), '{"password":"[redacted]"… (9000 bytes)');
  assert.equal(previewJson(undefined), undefined);
});
