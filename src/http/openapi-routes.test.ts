import assert from "node:assert/strict";
import { get as httpGet, type IncomingMessage } from "node:http";
import { suite, type TestContext, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { startHttp } from "../../test/http-fixture.ts";
import type { Contract, Generation } from "../contract/contract.ts";
import { createContracts } from "../contract/create-contracts.ts";
import type { Session } from "../rpc/session.ts";

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly bytes: Buffer;
}

/** Without fetch's own decompression. */
function get(url: string, headers: Record<string, string> = {}, method = "GET"): Promise<Reply> {
  return new Promise((resolve, reject) => {
    httpGet(url, { headers, method, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          bytes: Buffer.concat(chunks),
        }),
      );
    }).on("error", reject);
  });
}

const contracts = createContracts({ protoDirs: [], descriptorSets: [] });

async function start(t: TestContext, options: { token?: string } = {}) {
  const session: { contract: Contract } = { contract: contracts.of("beta2") };
  const { server } = await startHttp(t, { session: session as Partial<Session>, options });
  return {
    url: server.url,
    connect(generation: Generation) {
      session.contract = contracts.of(generation);
    },
  };
}

const json = ({ bytes }: Reply) => JSON.parse(bytes.toString("utf8")) as Record<string, unknown>;

suite("/openapi.json", () => {
  test("is the same bytes with the same tag until the contract changes", async (t) => {
    const { url, connect } = await start(t);
    const first = await get(`${url}/openapi.json`);
    assert.equal(first.status, 200);
    assert.equal(first.headers["content-type"], "application/json");
    const etag = first.headers.etag ?? "";
    assert.match(etag, /^".+"$/);
    const again = await get(`${url}/openapi.json`, { "If-None-Match": `"other", W/${etag}` });
    assert.deepEqual([again.status, again.bytes.length, again.headers.etag], [304, 0, etag]);
    connect("alpha5");
    const changed = await get(`${url}/openapi.json`, { "If-None-Match": etag });
    assert.equal(changed.status, 200);
    assert.notEqual(changed.headers.etag, etag);
    assert.equal((json(changed).info as Record<string, string>)["x-generation"], "alpha5");
  });

  for (const [name, unpack] of [
    ["gzip", gunzipSync],
    ["br", brotliDecompressSync],
  ] as const) {
    test(`comes as ${name} to those who accept it, under a tag of its own`, async (t) => {
      const { url } = await start(t);
      const path = `${url}/openapi.json?service=LiveLink`;
      const plain = await get(path);
      const packed = await get(path, { "Accept-Encoding": name });
      assert.equal(packed.headers["content-encoding"], name);
      assert.match(String(packed.headers.vary), /Accept-Encoding/);
      assert.ok(packed.bytes.length < plain.bytes.length / 3);
      assert.deepEqual(unpack(packed.bytes), plain.bytes);
      const etag = packed.headers.etag ?? "";
      assert.notEqual(etag, plain.headers.etag);
      assert.equal((await get(path, { "Accept-Encoding": name, "If-None-Match": etag })).status, 304);
      assert.equal((await get(path, { "If-None-Match": etag })).status, 200);
    });
  }

  test("is one service by any of its names, in one dialect, or the proxy's own routes", async (t) => {
    const { url } = await start(t);
    const pathsOf = async (query: string) =>
      Object.keys(json(await get(`${url}/openapi.json?${query}`)).paths ?? {});
    const byShortName = await pathsOf("service=LiveLink");
    assert.deepEqual(await pathsOf("service=livelinkapi.LiveLinkService"), byShortName);
    assert.ok(
      byShortName.includes("/LiveLink/GetCamera") && byShortName.includes("/api/grpc/LiveLink/GetCamera"),
    );
    const plain = await pathsOf("service=LiveLink&dialect=plain");
    assert.ok(plain.length > 0 && plain.every((path) => /^\/(api\/grpc|ws)\/LiveLink\//.test(path)));
    const own = await pathsOf("routes=proxy");
    assert.ok(own.includes("/health") && !own.some((path) => path.includes("LiveLink")));
  });

  for (const [query, status, reason, message] of [
    ["service=ApiItm", 404, "unknown_service", /did you mean "ApiItem"/],
    ["service=", 404, "unknown_service", /no service ""/],
    ["dialect=json", 400, "invalid_query", /"envelope", "plain", "connect"/],
    ["routes=all", 400, "invalid_query", /"proxy"/],
  ] as const) {
    test(`refuses ?${query}`, async (t) => {
      const { url } = await start(t);
      const reply = await get(`${url}/openapi.json?${query}`);
      const body = json(reply) as unknown as { reason: string; error: string };
      assert.deepEqual([reply.status, body.reason], [status, reason]);
      assert.match(body.error, message);
    });
  }

  test("needs the token where there is one, and says so in the document", async (t) => {
    const { url } = await start(t, { token: "secret-secret-secret" });
    assert.equal((await get(`${url}/openapi.json`)).status, 401);
    assert.equal((await get(`${url}/docs/services.json`)).status, 401);
    const allowed = await get(`${url}/openapi.json?routes=proxy`, {
      Authorization: "Bearer secret-secret-secret",
    });
    assert.deepEqual(json(allowed).security, [{ token: [] }]);
  });

  test("answers HEAD without a body, and nothing but GET and HEAD", async (t) => {
    const { url } = await start(t);
    const head = await get(`${url}/openapi.json`, {}, "HEAD");
    assert.deepEqual([head.status, head.bytes.length], [200, 0]);
    assert.ok(Number(head.headers["content-length"]) > 100_000);
    const post = await get(`${url}/openapi.json`, {}, "POST");
    assert.equal(post.status, 405);
  });
});

test("/docs/services.json names every service and method, and where its document is", async (t) => {
  const { url } = await start(t);
  const { services } = json(await get(`${url}/docs/services.json`)) as unknown as {
    services: { fullName: string; openapi: string; methods: { name: string }[] }[];
  };
  const expected = [...contracts.of("beta2").services.values()];
  assert.deepEqual(
    services.map(({ fullName, methods }) => [fullName, methods.map(({ name }) => name)]),
    expected.map(({ fullName, methods }) => [fullName, [...methods.keys()]]),
  );
  for (const { openapi } of services) assert.equal((await get(url + openapi)).status, 200);
});

suite("/docs/", () => {
  test("is a page for everybody that runs nothing but the proxy's own files", async (t) => {
    const { url } = await start(t, { token: "secret-secret-secret" });
    const page = await get(`${url}/docs/`, {
      "Sec-Fetch-Site": "cross-site",
      "Sec-Fetch-Mode": "navigate",
      "Sec-Fetch-Dest": "document",
    });
    assert.equal(page.status, 200);
    const policy = String(page.headers["content-security-policy"]);
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:/);
    const html = page.bytes.toString("utf8");
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
    for (const file of files.filter((name) => !name.startsWith("data:"))) {
      const asset = await get(`${url}/docs/${file}`, { "Accept-Encoding": "gzip" });
      assert.deepEqual([asset.status, asset.headers["content-encoding"]], [200, "gzip"], file);
    }
    const bearer = { Authorization: "Bearer secret-secret-secret" };
    assert.equal((await get(`${url}/docs`)).headers.location, "docs/");
    assert.equal((await get(`${url}/docs/other.js`, bearer)).status, 404);
    assert.equal((await get(`${url}/docs/..%2Fbeta2.binpb`, bearer)).status, 404);
  });
});
