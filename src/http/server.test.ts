import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { test } from "node:test";
import { bodyOf, createGate, sendRaw, startHttp } from "../../test/http-fixture.ts";
import { hostNameType } from "../options/value-types.ts";
import type { Route } from "./route.ts";

const page = "http://localhost:3000";

/** fetch adds an Origin that it is given, and no Sec-Fetch-Site that would matter here. */
function post(url: string, body: string, headers: Record<string, string> = {}) {
  return fetch(url, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
}

async function json(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}

test("a call is answered in the envelope, and bare on the plain route", async (t) => {
  const { server } = await startHttp(t);
  const envelope = await post(`${server.url}/Known/name`, '{"a":1}');
  assert.equal(envelope.status, 200);
  assert.equal(envelope.headers.get("content-type"), "application/json");
  assert.deepEqual(await json(envelope), { success: true, data: { got: '{"a":1}' } });
  const plain = await post(`${server.url}/api/grpc/Known/name`, "{}");
  assert.deepEqual(await json(plain), { got: "{}" });
});

test("errors have the shape of their dialect and the status of the table", async (t) => {
  const { server } = await startHttp(t);
  const cases: [string, string, number, Record<string, unknown>][] = [
    [
      "POST",
      "/Nope/name",
      404,
      {
        success: false,
        code: "UNIMPLEMENTED",
        reason: "unknown_service",
        hint: "GET /contract lists what can be called",
      },
    ],
    [
      "POST",
      "/api/grpc/Nope/name",
      404,
      { service: "Nope", method: "name", code: 12, reason: "unknown_service" },
    ],
    ["POST", "/a/b/c", 404, { success: false, code: "NOT_FOUND", reason: "unknown_route" }],
    ["POST", "/GetCamera", 404, { reason: "unknown_route" }],
    ["GET", "/Known/name", 405, { success: false, reason: "wrong_http_method" }],
    ["GET", "/api/grpc/Known/name", 405, { service: "Known", code: 12, reason: "wrong_http_method" }],
    ["GET", "/Nope/name", 404, { reason: "unknown_service" }],
    ["DELETE", "/health", 405, { reason: "wrong_http_method" }],
    ["POST", "/render/name", 404, { reason: "unknown_route" }],
    ["POST", "/api/name", 404, { reason: "unknown_route" }],
    ["POST", "/Known/a%2", 400, { success: false, code: "INVALID_ARGUMENT", reason: "malformed_path" }],
    ["POST", "/Known%2Fname", 404, { reason: "unknown_route" }],
    ["POST", "/__proto__/constructor", 404, { reason: "unknown_service" }],
  ];
  for (const [method, path, status, expected] of cases) {
    await t.test(`${method} ${path}`, async () => {
      const response = await fetch(`${server.url}${path}`, { method, headers: { origin: page } });
      const body = await json(response);
      assert.equal(response.status, status);
      assert.equal(typeof body.error, "string");
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, body[key]])), expected);
      assert.equal(response.headers.get("access-control-allow-origin"), page);
      if (status === 405) assert.match(response.headers.get("allow") ?? "", /^(POST|GET, HEAD), OPTIONS$/);
    });
  }
});

test("a header that gRPC cannot carry refuses the request, whatever it is made of", async (t) => {
  const { server, calls } = await startHttp(t);
  for (const path of ["/Known/name", "/api/grpc/Known/name", "/batch", "/scene/tree"]) {
    await t.test(path, async () => {
      const response = await post(`${server.url}${path}`, "{}", { "X-Octane-F~o": "x" });
      const body = await json(response);
      assert.deepEqual([response.status, body.reason, body.field], [400, "invalid_header", "x-octane-f~o"]);
    });
  }
  assert.deepEqual(calls, []);
});

test("a mistyped route is told what was meant", async (t) => {
  const { server } = await startHttp(t);
  assert.match(String((await json(await fetch(`${server.url}/helth`))).error), /did you mean "\/health"/);
});

test("a request to a WebSocket's path is told how to open it", async (t) => {
  const paths = ["/render/ws", "/api/callbacks", "/ws/:service/:method"];
  const { server } = await startHttp(t, {
    upgrades: paths.map((path) => ({ path, handle: () => undefined })),
  });
  for (const [method, path] of [
    ["GET", "/render/ws"],
    ["POST", "/api/callbacks"],
    ["GET", "/ws/LiveLink/GetCamera"],
    ["GET", "/octanes/test/render/ws"],
  ] as const) {
    await t.test(`${method} ${path}`, async () => {
      const response = await fetch(`${server.url}${path}`, { method });
      const { reason, error } = await json(response);
      assert.deepEqual([response.status, reason], [404, "unknown_route"]);
      assert.match(String(error), new RegExp(`is a WebSocket.* new WebSocket\\("ws://…${path}"\\)$`));
    });
  }
});

test("every reply to an allowed origin can be read by the page", async (t) => {
  const { server } = await startHttp(t, { options: { maxBodyBytes: 16 } });
  const cases: [string, RequestInit, number][] = [
    ["/health", {}, 200],
    ["/Known/name", { method: "POST", body: "{}" }, 200],
    ["/nothing", {}, 404],
    ["/Known/name", {}, 405],
    ["/Known/name", { method: "POST", body: "x".repeat(17) }, 413],
    ["/Known/name", { method: "POST", body: "{}", headers: { "content-encoding": "zstd" } }, 415],
    ["/Known/name", { method: "POST", body: "{}", headers: { "x-timeout-ms": "soon" } }, 400],
    ["/%zz", {}, 400],
  ];
  for (const [path, init, status] of cases) {
    await t.test(`${path} ${status}`, async () => {
      const response = await fetch(`${server.url}${path}`, {
        ...init,
        headers: { ...(init.headers as Record<string, string>), origin: page },
      });
      await response.arrayBuffer();
      assert.equal(response.status, status);
      assert.equal(response.headers.get("access-control-allow-origin"), page);
      assert.match(response.headers.get("vary") ?? "", /\bOrigin\b/);
      assert.equal(
        response.headers.get("access-control-expose-headers"),
        "Grpc-Status, Grpc-Message, Grpc-Status-Details-Bin, X-Call-Id, X-Octane-Epoch, X-Octane-Ignored-Fields, ETag",
      );
      assert.notEqual(response.headers.get("x-call-id"), null);
    });
  }
});

test("a refused origin gets a 403 that names the flag, and no CORS header", async (t) => {
  const { server, calls } = await startHttp(t);
  for (const origin of ["http://evil.example", "null", "http://localhost.evil"]) {
    for (const method of ["GET", "POST", "OPTIONS"]) {
      await t.test(`${method} from ${origin}`, async () => {
        const response = await fetch(`${server.url}/Known/name`, { method, headers: { origin } });
        assert.equal(response.status, 403);
        const body = await json(response);
        assert.equal(body.reason, "refused_origin");
        assert.match(String(body.error), new RegExp(`--allow-origin ${origin}`));
        assert.deepEqual(
          [...response.headers.keys()].filter((name) => name.startsWith("access-control")),
          [],
        );
      });
    }
  }
  assert.deepEqual(calls, []);
});

test("a preflight is answered with what is allowed, without a token", async (t) => {
  const { server } = await startHttp(t, { options: { token: "secret" } });
  const preflight = (path: string, headers: Record<string, string>) =>
    fetch(`${server.url}${path}`, { method: "OPTIONS", headers: { origin: page, ...headers } });
  const call = await preflight("/Known/name", {
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type, x-call-id,bad header,*, authorization",
    "access-control-request-private-network": "true",
  });
  assert.equal(call.status, 204);
  assert.equal(call.headers.get("access-control-allow-origin"), page);
  assert.equal(call.headers.get("access-control-allow-methods"), "POST, OPTIONS");
  assert.equal(call.headers.get("access-control-allow-headers"), "content-type, x-call-id, authorization");
  assert.equal(call.headers.get("access-control-max-age"), "86400");
  assert.equal(call.headers.get("access-control-allow-private-network"), "true");
  assert.match(call.headers.get("vary") ?? "", /^Origin/);
  const unknown = await preflight("/no/such/path", { "access-control-request-method": "POST" });
  assert.equal(unknown.status, 204);
  assert.match(unknown.headers.get("access-control-allow-methods") ?? "", /POST/);
  assert.equal(unknown.headers.get("access-control-allow-private-network"), null);
});

test("cross-site images, forms and links are kept out, navigation to a page is let in", async (t) => {
  const { server, calls } = await startHttp(t);
  const cases: [string, string, Record<string, string>, number][] = [
    ["GET", "/health", { "sec-fetch-site": "cross-site" }, 403],
    ["GET", "/health", { "sec-fetch-site": "none" }, 200],
    ["GET", "/health", navigation, 403],
    ["GET", "/console/", navigation, 200],
    ["GET", "/", navigation, 302],
    ["GET", "/no/such/page", navigation, 403],
    ["POST", "/Known/name", { "content-type": "text/plain", "sec-fetch-site": "same-origin" }, 403],
    ["POST", "/Known/name", { "content-type": "application/x-www-form-urlencoded", cookie: "a=b" }, 403],
    ["POST", "/Known/name", { "content-type": "application/x-www-form-urlencoded" }, 200],
    [
      "POST",
      "/Known/name",
      { "content-type": "text/plain", origin: page, "sec-fetch-site": "cross-site" },
      200,
    ],
    ["POST", "/Known/name", { "content-type": "application/grpc-web+proto", origin: page }, 200],
  ];
  for (const [method, path, headers, status] of cases) {
    await t.test(`${method} ${path} ${JSON.stringify(headers)}`, async () => {
      // node:http sends exactly these headers; fetch would add Sec-Fetch-Mode.
      const sent = httpRequest(`${server.url}${path}`, { method, headers, agent: false });
      sent.end(method === "POST" ? "{}" : undefined);
      const [response] = await once(sent, "response");
      response.resume();
      assert.equal(response.statusCode, status);
      if (status === 403) assert.match(await textOf(response), /--allow-origin/);
    });
  }
  assert.equal(calls.length, 3);
});

const navigation = {
  "sec-fetch-site": "cross-site",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
};

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

test("with --token every call needs it", async (t) => {
  const { server, calls } = await startHttp(t, { options: { token: "open sesame".replace(" ", "-") } });
  for (const path of ["/Known/name", "/no/such/path", "/api/grpc/Known/name"]) {
    const refused = await post(`${server.url}${path}`, "{}", { origin: page });
    assert.equal(refused.status, 401, path);
    assert.match(refused.headers.get("www-authenticate") ?? "", /^Bearer/);
    assert.equal(refused.headers.get("access-control-allow-origin"), page);
    assert.equal((await json(refused)).reason, "missing_token");
  }
  assert.equal((await fetch(`${server.url}/health`)).status, 401);
  assert.equal((await post(`${server.url}/Known/name`, "{}", { authorization: "Bearer wrong" })).status, 401);
  assert.equal(calls.length, 0);
  const right = await post(`${server.url}/Known/name`, "{}", { authorization: "Bearer open-sesame" });
  assert.equal(right.status, 200);
});

test("the Host rule comes first, on every request", async (t) => {
  const { server, calls } = await startHttp(t);
  const cases: [string, string, number][] = [
    ["no Host", "POST /Known/name HTTP/1.1\r\nContent-Length: 2\r\n", 400],
    ["no Host in HTTP/1.0", "GET /health HTTP/1.0\r\n", 400],
    ["two Hosts", "GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n", 400],
    ["a foreign Host", "GET /health HTTP/1.1\r\nHost: evil.example\r\n", 403],
    ["an empty Host", "GET /health HTTP/1.1\r\nHost:\r\n", 403],
    ["a foreign absolute target", "GET http://evil.example/health HTTP/1.1\r\nHost: localhost\r\n", 403],
    ["a userinfo target", "GET http://localhost@evil.example/health HTTP/1.1\r\nHost: localhost\r\n", 403],
    ["a loopback absolute target", "GET http://127.0.0.1:1/health HTTP/1.1\r\nHost: localhost\r\n", 200],
    [
      "a second Host behind many headers",
      `GET /health HTTP/1.1\r\nHost: localhost\r\n${"a: b\r\n".repeat(2_500)}Host: evil.example\r\n`,
      400,
    ],
    [
      "an Origin behind many headers",
      `GET /health HTTP/1.1\r\nHost: localhost\r\n${"a: b\r\n".repeat(2_500)}Origin: http://evil.example\r\n`,
      403,
    ],
    ["OPTIONS to a foreign Host", "OPTIONS * HTTP/1.1\r\nHost: evil.example\r\n", 403],
    ["OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n", 204],
  ];
  for (const [name, head, status] of cases) {
    await t.test(name, async () => {
      const body = head.includes("Content-Length: 2") ? "{}" : "";
      const reply = await sendRaw(server.port, `${head}Connection: close\r\n\r\n${body}`);
      assert.match(reply, new RegExp(`^HTTP/1.1 ${status} `));
      if (status >= 400) assert.equal(bodyOf(reply).success, false);
    });
  }
  assert.deepEqual(calls, []);
});

test("a host of --allow-host is answered, an IPv6 address too", async (t) => {
  const given = ["Render-Box", "[2001:db8:0::1]"].map((text) => hostNameType.read(text) ?? "");
  const { server } = await startHttp(t, { options: { allowHost: given } });
  const cases: [string, number][] = [
    ["render-box:51023", 200],
    ["[2001:db8::1]:51023", 200],
    ["[2001:db8::1]", 200],
    ["[2001:db8::2]:51023", 403],
  ];
  for (const [host, status] of cases) {
    await t.test(host, async () => {
      const reply = await sendRaw(
        server.port,
        `GET /livez HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      assert.match(reply, new RegExp(`^HTTP/1.1 ${status} `));
    });
  }
});

test("malformed and smuggled requests are refused in JSON and reach nobody", async (t) => {
  const { server, calls } = await startHttp(t);
  const head = "POST /Known/name HTTP/1.1\r\nHost: localhost\r\n";
  const smuggled = "POST /Known/smuggled HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}";
  const cases: [string, string, number][] = [
    ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\r\n\r\n", 400],
    [
      "Content-Length and Transfer-Encoding",
      `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      400,
    ],
    [
      "Transfer-Encoding and Content-Length",
      `${head}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${smuggled}`,
      400,
    ],
    ["two Content-Lengths", `${head}Content-Length: 2\r\nContent-Length: 7\r\n\r\n{}`, 400],
    ["an odd Content-Length", `${head}Content-Length: +2\r\n\r\n{}`, 400],
    ["an odd Transfer-Encoding", `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`, 400],
    ["a bad chunk size", `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`, 400],
    ["a space before the colon", `${head}X-Call-Id : a\r\nContent-Length: 2\r\n\r\n{}`, 400],
    ["a NUL in a header", `${head}X-A: a\0b\r\nContent-Length: 2\r\n\r\n{}`, 400],
    ["a bare line feed in a header", `${head}X-A: a\nOrigin: x\r\nContent-Length: 2\r\n\r\n{}`, 400],
    ["headers of 40 KB", `${head}X-A: ${"a".repeat(40_000)}\r\n\r\n`, 431],
  ];
  for (const [name, text, status] of cases) {
    await t.test(name, async () => {
      const reply = await sendRaw(server.port, text, { end: true });
      assert.match(reply, new RegExp(`^HTTP/1.1 ${status} `));
      assert.equal(reply.match(/HTTP\/1\.1 \d{3} /g)?.length, 1);
      assert.equal(bodyOf(reply).success, false);
    });
  }
  assert.deepEqual(calls, []);
  assert.equal((await fetch(`${server.url}/livez`)).status, 200);
});

test("slow senders are told so and cut off", async (t) => {
  const { server, calls } = await startHttp(t, { headersTimeoutMs: 50, requestTimeoutMs: 100 });
  const cases: [string, string][] = [
    ["in the headers", "POST /Known/name HTTP/1.1\r\nHost: localhost\r\nX-Slow: "],
    ["in the body", 'POST /Known/name HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{"a"'],
  ];
  for (const [name, text] of cases) {
    await t.test(name, async () => {
      const reply = await sendRaw(server.port, text);
      assert.match(reply, /^HTTP\/1\.1 408 /);
      assert.equal(bodyOf(reply).reason, "request_timeout");
    });
  }
  assert.deepEqual(calls, []);
});

test("an error reply that cannot be made ends the connection, not the server", async (t) => {
  const hopeless: Route = {
    method: "GET",
    path: "/hopeless",
    formatError: () => ({ status: 500, body: { big: 1n } }),
    handle() {
      throw new Error("first");
    },
  };
  const { server } = await startHttp(t, { routes: [hopeless] });
  await assert.rejects(fetch(`${server.url}/hopeless`));
  assert.equal((await fetch(`${server.url}/livez`)).status, 200);
});

test("X-Call-Id is echoed when it is visible and short, else made", async (t) => {
  const { server } = await startHttp(t);
  const echo = async (id: string) => {
    const response = await fetch(`${server.url}/livez`, { headers: { "x-call-id": id } });
    return response.headers.get("x-call-id");
  };
  assert.equal(await echo("GetCamera_17_x"), "GetCamera_17_x");
  assert.equal(await echo("a".repeat(128)), "a".repeat(128));
  for (const bad of ["a".repeat(129), "a b", "é"]) {
    const made = await echo(bad);
    assert.notEqual(made, bad);
    assert.match(made ?? "", /^[\x21-\x7e]{1,128}$/);
  }
  assert.notEqual(await echo(""), await echo(""));
});

test("HEAD is answered as GET without a body", async (t) => {
  const { server } = await startHttp(t);
  const head = await fetch(`${server.url}/livez`, { method: "HEAD" });
  const get = await fetch(`${server.url}/livez`);
  assert.equal(head.status, 200);
  assert.equal(await head.text(), "");
  assert.equal(head.headers.get("content-length"), String((await get.text()).length));
});

test("several routes share a path: the first that accepts answers", async (t) => {
  const special: Route = {
    method: "POST",
    path: "/:service/:method",
    accepts: (context) => context.request.headers["content-type"] === "application/special",
    handle: (context) => context.sendJson(200, { special: context.params.get("method") }),
  };
  const { server } = await startHttp(t, { routes: [special] });
  const taken = await post(`${server.url}/Known/name`, "{}", { "content-type": "application/special" });
  assert.deepEqual(await json(taken), { special: "name" });
  assert.equal((await json(await post(`${server.url}/Known/name`, "{}"))).success, true);
});

test("a route that throws answers 500 without internals, and the connection lives on", async (t) => {
  const broken: Route = {
    method: "GET",
    path: "/broken",
    handle() {
      throw new Error("secret internals");
    },
  };
  const { server } = await startHttp(t, { routes: [broken] });
  const response = await fetch(`${server.url}/broken`);
  assert.equal(response.status, 500);
  const text = await response.text();
  assert.doesNotMatch(text, /secret/);
  assert.match(text, /"reason":"internal"/);
});

test("an error after the first byte cuts the connection, so that no client takes it for a whole reply", async (t) => {
  const breaking: Route = {
    method: "GET",
    path: "/breaking",
    handle(context) {
      context.response.writeHead(200, { "content-type": "text/plain" });
      context.response.write("begun");
      throw new Error("late");
    },
  };
  const { server } = await startHttp(t, { routes: [breaking] });
  await assert.rejects(async () => (await fetch(`${server.url}/breaking`)).text());
});

test("a client that goes away aborts the signal of its call", async (t) => {
  const aborted = createGate<unknown>();
  const begun = createGate<void>();
  const { server } = await startHttp(t, {
    callJson: ({ signal }) =>
      new Promise((_, reject) => {
        signal?.addEventListener("abort", () => {
          aborted.resolve(signal.reason);
          reject(signal.reason);
        });
        begun.resolve();
      }),
  });
  const controller = new AbortController();
  const call = fetch(`${server.url}/Known/name`, {
    method: "POST",
    body: "{}",
    headers: { "content-type": "application/json" },
    signal: controller.signal,
  });
  await begun.promise;
  controller.abort();
  await assert.rejects(call);
  assert.equal(((await aborted.promise) as { reason: string }).reason, "client_gone");
});

test("a port in use tells how to take another", async (t) => {
  const { server } = await startHttp(t);
  await assert.rejects(startHttp(t, { options: { port: server.port } }), /in use.*--port/);
});

test("a HEAD request that is no HTTP is refused without a body", async (t) => {
  const { server } = await startHttp(t);
  const reply = await sendRaw(server.port, "HEAD /\xe5 HTTP/1.1\r\nHost: localhost\r\nno header\r\n\r\n", {
    end: true,
  });
  assert.match(reply, /^HTTP\/1\.1 400 /);
  assert.match(reply, /\r\n\r\n$/);
});

test("an unknown expectation is ignored", async (t) => {
  const { server } = await startHttp(t);
  const reply = await sendRaw(
    server.port,
    "POST /Known/call HTTP/1.1\r\nHost: localhost\r\nExpect: wonders\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
  );
  assert.match(reply, /^HTTP\/1\.1 200 /);
  assert.deepEqual(bodyOf(reply), { success: true, data: { got: "{}" } });
});
