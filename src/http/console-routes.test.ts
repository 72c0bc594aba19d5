import assert from "node:assert/strict";
import { test } from "node:test";
import { startHttp } from "../../test/http-fixture.ts";

test("/ and /console lead to the console", async (t) => {
  const { server } = await startHttp(t);
  for (const path of ["/", "/console"]) {
    const reply = await fetch(server.url + path, { redirect: "manual" });
    assert.equal(reply.status, 302);
    assert.equal(reply.headers.get("location"), "/console/");
    assert.match(reply.headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/);
  }
});

test("with a front end of the user's own, / is that one's", async (t) => {
  const { server } = await startHttp(t, { options: { staticDir: "/nonexistent" } });
  assert.notEqual((await fetch(server.url, { redirect: "manual" })).status, 302);
  assert.equal((await fetch(`${server.url}/console/`)).status, 200);
});

test("the page may use nothing but files of the proxy, and needs no token to load", async (t) => {
  const { server } = await startHttp(t, { options: { token: "secret" } });
  const page = await fetch(`${server.url}/console/`);
  assert.equal(page.status, 200);
  const policy = page.headers.get("content-security-policy") ?? "";
  const { host } = new URL(server.url);
  assert.equal(
    policy,
    `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self' ws://${host} wss://${host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  const html = await page.text();
  assert.doesNotMatch(html, /<script>|<style|style=|https?:/);
  const assets = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, path]) => path);
  assert.ok(assets.length >= 2, html);
  for (const path of assets) {
    const asset = await fetch(`${server.url}/console/${path}`);
    assert.equal(asset.status, 200, path);
    assert.match(asset.headers.get("cache-control") ?? "", /immutable/);
    assert.notEqual(asset.headers.get("content-type"), "application/octet-stream");
  }
});

test("the page is asked for again at each visit, and not sent again while it is the same", async (t) => {
  const { server } = await startHttp(t);
  const first = await fetch(`${server.url}/console/`);
  assert.equal(first.headers.get("cache-control"), "no-cache");
  const again = await fetch(`${server.url}/console/`, {
    headers: { "If-None-Match": first.headers.get("etag") ?? "" },
  });
  assert.equal(again.status, 304);
});

for (const name of ["nothing.js", "..%2Findex.html", "__proto__", "..%2f..%2f..%2fpackage.json"]) {
  test(`no file of the console is called ${name}`, async (t) => {
    const { server } = await startHttp(t);
    assert.equal((await fetch(`${server.url}/console/assets/${name}`)).status, 404);
  });
}
