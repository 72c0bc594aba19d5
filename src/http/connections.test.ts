import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { createGate, startHttp } from "../../test/http-fixture.ts";

const request = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

test("a connection over which nothing more comes is closed, one with a reply under way is not", async (t) => {
  const gate = createGate<void>();
  const { server } = await startHttp(t, {
    idleTimeoutMs: 60,
    routes: [
      {
        method: "GET",
        path: "/wait",
        async handle(context) {
          await gate.promise;
          context.sendJson(200, {});
        },
      },
    ],
  });
  const waiting = connect(server.port, "127.0.0.1");
  waiting.write(request.replace("/health", "/wait"));
  let got = "";
  waiting.on("data", (chunk) => {
    got += chunk;
  });
  // The one that waits is older than all of them.
  for (let count = 0; count < 3; count++) {
    const idle = connect(server.port, "127.0.0.1");
    idle.write(request);
    idle.resume();
    await once(idle, "close");
  }
  assert.deepEqual([got, waiting.destroyed], ["", false]);
  gate.resolve();
  await once(waiting, "close");
  assert.match(got, /^HTTP\/1\.1 200 OK\r\n/);
});

test("replies say how long their connection is kept, unless it is not", async (t) => {
  const { server } = await startHttp(t);
  const first = await fetch(`${server.url}/health`);
  assert.equal(first.headers.get("keep-alive"), "timeout=30");
  assert.equal(first.headers.get("connection"), "keep-alive");
  const socket = connect(server.port, "127.0.0.1");
  socket.write("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  await once(socket, "end");
  const reply = Buffer.concat(chunks).toString();
  assert.match(reply, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(reply, /\r\nConnection: close\r\n/);
  assert.doesNotMatch(reply, /\r\nKeep-Alive:/i);
});
