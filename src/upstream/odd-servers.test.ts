import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { OutgoingHttpHeaders } from "node:http";
import { createSecureServer, createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import { type TestContext, test } from "node:test";
import { describeOnEach } from "../../test/upstream-fixture.ts";
import { ProxyError } from "../errors.ts";
import { silentLogger } from "../observe/logger.ts";
import { createUpstream, type Transport } from "./create-upstream.ts";
import type { UpstreamTls } from "./heartbeat.ts";
import type { Upstream } from "./upstream.ts";

const call = { timeoutMs: 5000 };
const empty = Buffer.alloc(0);

/** Serves over plain HTTP/2: what a server does that is no gRPC library, or no good one. */
async function serve(
  t: TestContext,
  onStream: (stream: ServerHttp2Stream) => void,
  server: Http2Server = createServer(),
) {
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => session.destroy());
  });
  server.on("stream", (stream) => {
    stream.on("error", () => stream.destroy());
    onStream(stream);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

function connect(transport: Transport, t: TestContext, port: number, tls?: UpstreamTls): Upstream {
  const upstream = createUpstream({
    transport,
    candidates: [`127.0.0.1:${port}`],
    logger: silentLogger,
    tls,
    retryMs: 20,
    pingMs: 20,
    answerTimeoutMs: 2000,
  });
  t.after(() => upstream.close());
  return upstream;
}

function answerGrpc(stream: ServerHttp2Stream, ...chunks: Buffer[]): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
}

function answer(stream: ServerHttp2Stream, headers: OutgoingHttpHeaders, body = ""): void {
  stream.respond(headers);
  stream.end(body);
}

const message = (text: string): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(text.length, 1);
  return Buffer.concat([head, Buffer.from(text)]);
};

describeOnEach("a call to a server that is no good gRPC server fails with what is wrong", (_, transport) => {
  const cases: readonly [
    name: string,
    onStream: (stream: ServerHttp2Stream) => void,
    code: string,
    pattern: RegExp,
  ][] = [
    [
      "404 with HTML",
      (s) => answer(s, { ":status": 404, "content-type": "text/html" }, "<html>none</html>"),
      "UNIMPLEMENTED",
      /like a web server.*404.*LiveLink port/,
    ],
    ["502", (s) => answer(s, { ":status": 502 }), "UNAVAILABLE", /like a web server.*502/],
    [
      "200 with HTML",
      (s) =>
        answer(s, { ":status": 200, "content-type": "text/html" }, "<html><body>welcome here</body></html>"),
      // grpc-js looks for a message in the page, and its length is beyond all bounds.
      transport === "native" ? "UNKNOWN" : "RESOURCE_EXHAUSTED",
      transport === "native" ? /like a web server.*text\/html/ : /larger than the proxy takes/,
    ],
    [
      "200 without a status",
      (s) => answer(s, { ":status": 200, "content-type": "application/grpc" }),
      "INTERNAL",
      /like a web server/,
    ],
    ["a reset", (s) => s.close(2), "INTERNAL", /RST_STREAM/],
    [
      "an unknown status number",
      (s) =>
        s.respond(
          {
            ":status": 200,
            "content-type": "application/grpc",
            "grpc-status": "77",
            "grpc-message": "odd%20%E2%82%AC",
          },
          { endStream: true },
        ),
      "UNKNOWN",
      /odd €/,
    ],
    [
      "broken details",
      (s) =>
        s.respond(
          {
            ":status": 200,
            "content-type": "application/grpc",
            "grpc-status": "3",
            "grpc-message": "bad",
            "grpc-status-details-bin": "Cv8",
          },
          { endStream: true },
        ),
      "INVALID_ARGUMENT",
      /^bad$/,
    ],
  ];
  for (const [name, onStream, code, pattern] of cases) {
    test(name, async (t) => {
      const upstream = connect(transport, t, await serve(t, onStream));
      await assert.rejects(upstream.unary("/t.T/m", empty, call), (error) => {
        assert.ok(error instanceof ProxyError, String(error));
        assert.equal(error.code, code, error.message);
        assert.match(error.message, pattern);
        return true;
      });
      assert.equal(upstream.state, "ready");
    });
  }

  test("an OK without a message", async (t) => {
    const upstream = connect(transport, t, await serve(t, (stream) => answerGrpc(stream)));
    await assert.rejects(
      upstream.unary("/t.T/m", empty, call),
      (error) => error instanceof ProxyError && error.reason === "upstream_malformed",
    );
  });

  test("a message above the limit", async (t) => {
    const head = Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]);
    const upstream = connect(transport, t, await serve(t, (stream) => answerGrpc(stream, head)));
    await assert.rejects(upstream.unary("/t.T/m", empty, call), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.code, "RESOURCE_EXHAUSTED");
      assert.match(error.message, /"\/t\.T\/m" is larger than the proxy takes.*268435456/);
      return true;
    });
  });
});

describeOnEach("the heartbeat", (_, transport) => {
  test("never spends the PINGs that gRPC servers tolerate on one connection", async (t) => {
    const server = createServer();
    let connections = 0;
    let most = 0;
    let onEnough = (): void => {};
    const enough = new Promise<void>((resolve) => {
      onEnough = resolve;
    });
    server.on("session", (session) => {
      let pings = 0;
      if (++connections === 6) onEnough();
      session.on("ping", () => {
        most = Math.max(most, ++pings);
        // ENHANCE_YOUR_CALM: three strikes after the first PING without data between, as gRPC core counts.
        if (pings > 3) session.destroy(undefined, 11);
      });
    });
    const upstream = connect(
      transport,
      t,
      await serve(t, (stream) => answerGrpc(stream, message("ok")), server),
    );
    await upstream.ready();
    await enough;
    assert.ok(most >= 1 && most <= 3, `${most} PINGs on one connection`);
    assert.equal(upstream.connectionCount, 1);
    assert.deepEqual(Buffer.from((await upstream.unary("/t.T/m", empty, call)).wire), Buffer.from("ok"));
  });

  test("takes a connection that the server drops for no loss while a new one is answered", async (t) => {
    const server = createServer();
    const sessions: { destroy(): void }[] = [];
    let onThird = (): void => {};
    const third = new Promise<void>((resolve) => {
      onThird = resolve;
    });
    server.on("session", (session) => {
      sessions.push(session);
      if (sessions.length === 3) onThird();
    });
    const upstream = connect(
      transport,
      t,
      await serve(t, (stream) => answerGrpc(stream, message("ok")), server),
    );
    await upstream.ready();
    sessions[0]?.destroy();
    await third;
    assert.equal(upstream.state, "ready");
    assert.equal(upstream.connectionCount, 1);
  });
});

describeOnEach("TLS", (_, transport) => {
  const fixture = (name: string): string =>
    readFileSync(new URL(`../../../test/fixtures/tls/${name}`, import.meta.url), "utf8");
  const cert = fixture("cert.pem");
  const key = fixture("key.pem");

  test("to a server that is trusted and asks for a certificate works both ways", async (t) => {
    const server = createSecureServer({ cert, key, ca: cert, requestCert: true, rejectUnauthorized: true });
    const port = await serve(t, (stream) => answerGrpc(stream, message("secret")), server);
    const upstream = connect(transport, t, port, { ca: cert, cert, key, serverName: "octane.test" });
    assert.deepEqual(Buffer.from((await upstream.unary("/t.T/m", empty, call)).wire), Buffer.from("secret"));
  });

  for (const [name, tls] of [
    ["unknown to us", { serverName: "octane.test" }],
    ["of another name", { ca: cert, serverName: "other.test" }],
  ] as const) {
    test(`refuses a certificate that is ${name}, and says why`, async (t) => {
      const server = createSecureServer({ cert, key });
      server.on("tlsClientError", () => {});
      const upstream = connect(
        transport,
        t,
        await serve(t, (stream) => answerGrpc(stream, message("secret")), server),
        tls,
      );
      await assert.rejects(upstream.unary("/t.T/m", empty, call), (error) => {
        assert.ok(error instanceof ProxyError);
        assert.equal(error.reason, "upstream_unavailable");
        assert.match(error.message, /certificate|altnames/i);
        return true;
      });
    });
  }
});
