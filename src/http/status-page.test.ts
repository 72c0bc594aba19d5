import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { startHttp } from "../../test/http-fixture.ts";
import type { Session } from "../rpc/session.ts";

test("/ leads to the console page, which says what it is and how it stands", async (t) => {
  const { server } = await startHttp(t, {
    session: {
      upstream: {
        address: "10.0.0.7:51022",
        state: "unavailable",
        lastError: "<script>alert(1)</script>",
      } as Session["upstream"],
    },
  });
  const root = await fetch(server.url, { redirect: "manual" });
  assert.equal(root.status, 302);
  assert.equal(root.headers.get("location"), "/console/");
  const page = await fetch(`${server.url}/console/`);
  const text = await page.text();
  assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
  assert.match(text, /10\.0\.0\.7:51022/);
  assert.match(text, /not connected/);
  assert.ok(!text.includes("<script>"));
  const policy = page.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/);
  const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? "";
  assert.ok(policy.includes(createHash("sha256").update(style).digest("base64")));
});

test("with a token the page is shown to anyone, and so it tells no state", async (t) => {
  const { server } = await startHttp(t, { options: { token: "secret" } });
  const page = await fetch(`${server.url}/console/`);
  assert.equal(page.status, 200);
  const text = await page.text();
  assert.match(text, /token/);
  assert.doesNotMatch(text, /connected/);
});
