import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { sendRaw, startHttp } from "../../test/http-fixture.ts";

async function frontEnd(t: TestContext): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), "front-end-"));
  t.after(() => rm(parent, { recursive: true, force: true }));
  await writeFile(join(parent, "secret.txt"), "secret");
  await mkdir(join(parent, "app-other"));
  await writeFile(join(parent, "app-other", "x.txt"), "secret");
  const directory = join(parent, "app");
  await mkdir(join(directory, "assets"), { recursive: true });
  await writeFile(join(directory, "index.html"), "<h1>app</h1>");
  await writeFile(join(directory, "assets", "main@1.js"), "go()");
  await writeFile(join(directory, ".env"), "secret");
  return directory;
}

const html = { accept: "text/html,application/xhtml+xml" };

/** fetch would follow redirects and clean up paths. */
async function get(port: number, path: string, headers: Record<string, string> = {}) {
  const sent = httpRequest({ port, host: "127.0.0.1", path, headers, agent: false });
  sent.end();
  const [response] = await once(sent, "response");
  let body = "";
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode as number, headers: response.headers as Record<string, string>, body };
}

test("the user's front end is served at / beside the API", async (t) => {
  const { server } = await startHttp(t, { options: { staticDir: await frontEnd(t) } });
  const cases: [string, Record<string, string>, number, string][] = [
    ["/", {}, 200, "<h1>app</h1>"],
    ["/index.html", {}, 200, "<h1>app</h1>"],
    ["/assets/main@1.js", {}, 200, "go()"],
    ["/assets/main%401.js?v=1", {}, 200, "go()"],
    ["/some/deep/view", html, 200, "<h1>app</h1>"],
    [
      "/view",
      { ...html, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
      200,
      "<h1>app</h1>",
    ],
    ["/some/deep/view", { accept: "*/*" }, 404, "unknown_route"],
    ["/one/two/three", { accept: "application/json" }, 404, "unknown_route"],
    ["/assets/gone.js", html, 404, "unknown_service"],
    ["/api/nothing", html, 404, "unknown_route"],
    ["/render/view", html, 404, "unknown_route"],
    ["/docs/view", html, 404, "unknown_route"],
    ["/Known/name", html, 405, "wrong_http_method"],
    ["/health", html, 200, '"status":"ok"'],
    ["/console/", html, 200, "OctaneProxy"],
    [
      "/assets/main@1.js",
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
      403,
      "refused_origin",
    ],
    ["/.env", {}, 404, "unknown_route"],
    ["/%2e%2e/secret.txt", {}, 404, "unknown_service"],
    ["/../secret.txt", {}, 404, "unknown_service"],
    ["/..%2fsecret.txt", {}, 404, "unknown_route"],
    ["/../app-other/x.txt", {}, 404, "unknown_route"],
    ["/..%5csecret.txt", {}, 404, "unknown_route"],
    ["//secret.txt", {}, 404, "unknown_route"],
  ];
  for (const [path, headers, status, text] of cases) {
    await t.test(`${path} ${JSON.stringify(headers)}`, async () => {
      const reply = await get(server.port, path, headers);
      assert.equal(reply.status, status);
      assert.ok(reply.body.includes(text), reply.body);
      assert.ok(!reply.body.includes("secret\n") && reply.body !== "secret");
    });
  }
});

test("static replies cannot be framed, are revalidated, and need no token", async (t) => {
  const { server } = await startHttp(t, { options: { staticDir: await frontEnd(t), token: "secret" } });
  const first = await get(server.port, "/", { origin: "http://localhost:1" });
  assert.equal(first.status, 200);
  assert.equal(first.headers["content-security-policy"], "frame-ancestors 'none'");
  assert.equal(first.headers["access-control-allow-origin"], "http://localhost:1");
  assert.equal((await get(server.port, "/", { "if-none-match": first.headers.etag ?? "" })).status, 304);
  assert.equal((await get(server.port, "/health")).status, 401);
});

test("without the token nothing is told of what could be called", async (t) => {
  const { server } = await startHttp(t, { options: { staticDir: await frontEnd(t), token: "secret" } });
  const bearer = { authorization: "Bearer secret" };
  const cases: [string, Record<string, string>, number, string][] = [
    ["/Known/name", {}, 401, "missing_token"],
    ["/Nope/name", {}, 401, "missing_token"],
    ["/helth", {}, 401, "missing_token"],
    ["/.env", {}, 401, "missing_token"],
    ["/Known/name", html, 200, "<h1>app</h1>"],
    ["/Nope/name", html, 200, "<h1>app</h1>"],
    ["/assets/main@1.js", {}, 200, "go()"],
    ["/assets/gone.js", html, 401, "missing_token"],
    ["/Known/name", bearer, 405, "wrong_http_method"],
    ["/Known/name", { ...html, ...bearer }, 405, "wrong_http_method"],
    ["/Nope/name", bearer, 404, "unknown_service"],
    ["/Known/name", { authorization: "Bearer guess" }, 401, "missing_token"],
  ];
  for (const [path, headers, status, text] of cases) {
    await t.test(`${path} ${JSON.stringify(headers)}`, async () => {
      const reply = await get(server.port, path, headers);
      assert.equal(reply.status, status);
      assert.ok(reply.body.includes(text), reply.body);
      assert.equal(reply.headers["www-authenticate"] !== undefined, status === 401);
      assert.equal(reply.headers.allow !== undefined, status === 405);
    });
  }
});

test("odd ranges and unreadable files do not hurt the server", async (t) => {
  const directory = await frontEnd(t);
  const { server } = await startHttp(t, { options: { staticDir: directory } });
  assert.equal((await get(server.port, "/index.html", { range: "bytes=4-6" })).body, "app");
  for (const range of ["bytes=9-2", "bytes=-5", "bytes=a-b", "lines=1-2", "bytes=1-2,3-4"]) {
    assert.equal((await get(server.port, "/index.html", { range })).status, 200, range);
  }
  assert.equal((await get(server.port, "/index.html", { range: "bytes=99-" })).status, 416);
  await writeFile(join(directory, "locked.txt"), "x");
  await chmod(join(directory, "locked.txt"), 0);
  // Root reads it all the same: then it is simply served.
  await get(server.port, "/locked.txt").catch(() => {});
  assert.equal((await get(server.port, "/livez")).status, 200);
});

test("an absolute-form target finds its file", async (t) => {
  const { server } = await startHttp(t, { options: { staticDir: await frontEnd(t) } });
  const reply = await sendRaw(
    server.port,
    "GET http://localhost/index.html HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
  );
  assert.match(reply, /<h1>app<\/h1>$/);
});
