import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { frame, settingsFrame, types } from "../../../test/raw-http2-server.ts";
import { Http2Connection } from "./connection.ts";
import { dial } from "./dial.ts";
import { FrameParser } from "./frame-parser.ts";
import type { KeepaliveTiming } from "./keepalive.ts";
import { ConnectionFault } from "./protocol.ts";

/** A connection that is ready, and its server's end. */
async function connect(t: TestContext, keepalive: KeepaliveTiming) {
  let onSocket = (_: Socket): void => {};
  const accepted = new Promise<Socket>((resolve) => {
    onSocket = resolve;
  });
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.write(settingsFrame([]));
    onSocket(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = { host: "127.0.0.1", port: (server.address() as { port: number }).port };
  let onClosed = (_: string): void => {};
  const closed = new Promise<string>((resolve) => {
    onClosed = resolve;
  });
  let onReady = (): void => {};
  const ready = new Promise<void>((resolve) => {
    onReady = resolve;
  });
  const socket = dial(address, undefined, (bytes, length) => connection.receive(bytes, length));
  const connection = new Http2Connection(
    socket,
    { onReady, onDraining: () => undefined, onClosed },
    keepalive,
  );
  await ready;
  const serverSocket = await accepted;
  t.after(() => {
    connection.abort("the test is over");
    serverSocket.destroy();
    server.close();
  });
  return { connection, serverSocket, closed };
}

test("an idle connection whose server leaves a PING unanswered is given up", async (t) => {
  const { closed } = await connect(t, { idleMs: 20, timeoutMs: 50 });
  assert.match(await closed, /no answer to an HTTP\/2 PING within 50 ms/);
});

test("an idle connection whose server answers PINGs stays", async (t) => {
  const { serverSocket, closed } = await connect(t, { idleMs: 20, timeoutMs: 10_000 });
  let isClosed = false;
  void closed.then(() => {
    isClosed = true;
  });
  let pings = 0;
  await new Promise<void>((resolve) => {
    const parser = new FrameParser((type, flags, _, bytes, start, end) => {
      if (type !== types.ping || flags !== 0) return;
      serverSocket.write(frame(types.ping, 1, 0, Buffer.from(bytes.subarray(start, end))));
      if (++pings === 3) resolve();
    });
    let skipped = 0;
    serverSocket.on("data", (bytes: Buffer) => {
      const from = Math.min(bytes.length, Math.max(0, 24 - skipped));
      skipped += from;
      parser.push(Buffer.from(bytes.subarray(from)));
    });
  });
  assert.equal(isClosed, false);
});

test("a closed connection whose streams its server has forgotten is given up", async (t) => {
  const { connection, closed } = await connect(t, { idleMs: 100_000, timeoutMs: 50 });
  const failed = new Promise((onFailed) => {
    connection.request([], { onHeaders: () => undefined, onData: () => undefined, onFailed });
  });
  connection.close();
  assert.match(await closed, /no answer to an HTTP\/2 PING within 50 ms/);
  assert.deepEqual(await failed, { kind: "lost", reason: await closed });
});

test("frames are the same wherever what comes from the socket is cut", () => {
  const session = Buffer.concat([
    settingsFrame([[3, 100]]),
    frame(types.data, 1, 7, Buffer.alloc(300, 1)),
    frame(types.data, 0, 0x7fffffff),
    frame(types.ping, 0, 0, Buffer.from("12345678")),
  ]);
  const read = (cuts: readonly number[]): string[] => {
    const frames: string[] = [];
    const parser = new FrameParser((type, flags, streamId, bytes, start, end) => {
      frames.push(`${type} ${flags} ${streamId} ${bytes.toString("hex", start, end)}`);
    });
    let from = 0;
    for (const to of [...cuts, session.length]) {
      // Longer than what counts, as the reused memory of a socket is.
      parser.push(Buffer.concat([session.subarray(from, to), Buffer.alloc(9)]), to - from);
      from = to;
    }
    return frames;
  };
  const whole = read([]);
  assert.equal(whole.length, 4);
  for (let first = 0; first <= session.length; first++) {
    assert.deepEqual(read([first]), whole);
    assert.deepEqual(read([first, Math.min(session.length, first + 3)]), whole);
  }
  assert.deepEqual(read(Array.from(session, (_, at) => at)), whole);
  const tooLong = Buffer.from([0, 0x40, 1, 0, 0, 0, 0, 0, 1]);
  assert.throws(
    () => new FrameParser(() => undefined).push(tooLong),
    (error) => error instanceof ConnectionFault && error.code === 6,
  );
});
