import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { type TestContext, test } from "node:test";
import { silentLogger } from "../observe/logger.ts";
import { createLateHandler } from "./late-handler.ts";
import type { RequestHandler } from "./request-handler.ts";
import { createHttpServer } from "./server.ts";

/** A handler that says what it was given. */
function createEcho() {
  const given: string[] = [];
  const echo: RequestHandler = {
    handle(request: IncomingMessage, response: ServerResponse) {
      given.push(`${request.method} ${request.url}`);
      response.end("answered");
    },
    upgrade(request: IncomingMessage, socket: Duplex) {
      given.push(`upgrade ${request.url}`);
      socket.end("HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\n\r\n");
    },
    claims: () => true,
    claimsUpgrade: () => true,
    close: async () => void given.push("close"),
  };
  return { echo, given };
}

/** A server whose handler comes later, and a list of what has reached the one that stands in for it. */
async function startLate(t: TestContext) {
  let arrive: (handler: RequestHandler) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const late = createLateHandler(
    new Promise((resolve, reject) => {
      arrive = resolve;
      fail = reject;
    }),
  );
  let onCame: () => void = () => undefined;
  const server = await createHttpServer({
    options: { host: "127.0.0.1", port: 0 },
    handler: {
      ...late,
      handle(request, response) {
        late.handle(request, response);
        onCame();
      },
      upgrade(request, socket, head) {
        late.upgrade(request, socket, head);
        onCame();
      },
    },
    logger: silentLogger,
  });
  t.after(() => server.close());
  return {
    server,
    arrive,
    fail,
    /** Sends a request's head; resolves when it waits for the handler. */
    async open(path: string, headers = ""): Promise<ReturnType<typeof connect>> {
      const came = new Promise<void>((resolve) => {
        onCame = resolve;
      });
      const socket = connect(server.port, "127.0.0.1").setEncoding("latin1");
      socket.on("error", () => undefined);
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
      await came;
      return socket;
    },
  };
}

const upgrade =
  "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

test("requests and handshakes that come before the handler wait for it", async (t) => {
  const { open, arrive, server } = await startLate(t);
  const request = await open("/early");
  const handshake = await open("/early-socket", upgrade);
  const { echo, given } = createEcho();
  const replies = Promise.all([request, handshake].map((socket) => once(socket, "data")));
  arrive(echo);
  const [[reply], [refusal]] = (await replies) as [[string], [string]];
  assert.match(reply, /^HTTP\/1\.1 200 [\s\S]*answered/);
  assert.match(refusal, /^HTTP\/1\.1 426 /);
  assert.equal(await (await fetch(`${server.url}/later`)).text(), "answered");
  assert.deepEqual(given, ["GET /early", "upgrade /early-socket", "GET /later"]);
  request.destroy();
});

test("the handler hears nothing of clients that went away before it came", async (t) => {
  const { open, arrive, server } = await startLate(t);
  for (const headers of ["", upgrade]) {
    const socket = await open("/gone", headers);
    socket.resetAndDestroy();
    await once(socket, "close");
  }
  // The server has read what came before this one.
  const last = await open("/last");
  const { echo, given } = createEcho();
  arrive(echo);
  await once(last, "data");
  assert.deepEqual(given, ["GET /last"]);
  last.destroy();
  await server.close();
  assert.deepEqual(given, ["GET /last", "close"]);
});

test("what waits for a handler that fails is cut, and the server still closes", async (t) => {
  const { open, fail, server } = await startLate(t);
  const sockets = [await open("/request"), await open("/socket", upgrade)];
  const closed = Promise.all(sockets.map((socket) => once(socket.resume(), "close")));
  fail(new Error("broken"));
  await closed;
  await server.close();
});
