import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  endStream,
  frame,
  type RawConnection,
  type RawFrame,
  reply,
  startRawServer,
  types,
  uint32,
} from "../../../test/raw-http2-server.ts";
import { collect, from, isReason, untilState } from "../../../test/upstream-fixture.ts";
import { silentLogger } from "../../observe/logger.ts";
import { createUpstream } from "../create-upstream.ts";
import type { Upstream } from "../upstream.ts";

const call = { timeoutMs: 30_000 };
const goAwayBeforeAll = frame(types.goAway, 0, 0, uint32(0, 0));
/** What a server lets a stream send before it has widened the window. */
const firstWindowBytes = 65_535;

function connectTo(t: TestContext, port: number): Upstream {
  const upstream = createUpstream({
    ...{ transport: "native", candidates: [`127.0.0.1:${port}`], logger: silentLogger },
    ...{ retryMs: 20, pingMs: 2000, answerTimeoutMs: 2000 },
  });
  t.after(() => upstream.close());
  return upstream;
}

/** The bytes of all that the client has sent on a stream, once it has ended it. */
async function requestsOf(connection: RawConnection, id: number): Promise<Buffer> {
  const isOwn = (each: RawFrame): boolean => each.type === types.data && each.streamId === id;
  await connection.seen((each) => isOwn(each) && (each.flags & endStream) !== 0);
  return Buffer.concat(connection.received.filter(isOwn).map(({ payload }) => payload));
}

function goAwayAtFirstMessage(connection: RawConnection, id: number): void {
  void connection
    .seen(({ type, streamId }) => type === types.data && streamId === id)
    .then(() => connection.send(goAwayBeforeAll));
}

/** Lets the client send as much as any test here does. */
const openWindows = (id: number): Buffer =>
  Buffer.concat([0, id].map((each) => frame(types.windowUpdate, 0, each, uint32(1024 * 1024))));

function texts(requests: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at < requests.length; ) {
    const end = at + 5 + requests.readUInt32BE(at + 1);
    found.push(requests.toString("latin1", at + 5, end));
    at = end;
  }
  return found;
}

test("sends all messages again on a new connection, those that came meanwhile too, and goes on", async (t) => {
  let answered: Promise<string[]> | undefined;
  const port = await startRawServer(t, (connection, id) => {
    if (connection.index === 0) {
      goAwayAtFirstMessage(connection, id);
    } else {
      answered = requestsOf(connection, id).then(texts);
      void answered.then(() => connection.send(reply(id, "answer")));
    }
  });
  const upstream = connectTo(t, port);
  await upstream.ready();
  const lost = untilState(upstream, "connecting");
  async function* requests(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("one");
    await lost;
    yield Buffer.from("two");
    yield Buffer.from("three");
  }
  assert.deepEqual(await collect(upstream.stream("/t.T/m", requests(), call).messages), ["answer"]);
  assert.deepEqual(await answered, ["one", "two", "three"]);
});

for (const [name, refuse] of [
  ["REFUSED_STREAM", (id: number) => frame(types.rstStream, 0, id, uint32(7))],
  ["GOAWAY", () => goAwayBeforeAll],
] as const) {
  test(`sends a large message again that was under way at ${name}, and the next one after it`, async (t) => {
    let calls = 0;
    let answered: Promise<string[]> | undefined;
    const port = await startRawServer(t, (connection, id) => {
      calls += 1;
      if (calls === 1) {
        let bytes = 0;
        void connection
          .seen(({ type, streamId, payload }) => {
            if (type === types.data && streamId === id) bytes += payload.length;
            return bytes >= firstWindowBytes;
          })
          .then(() => connection.send(refuse(id)));
      } else {
        connection.send(openWindows(id));
        answered = requestsOf(connection, id).then(texts);
        void answered.then(() => connection.send(reply(id, "answer")));
      }
    });
    const upstream = connectTo(t, port);
    await upstream.ready();
    const large = Buffer.alloc(200_000, "x");
    const stream = upstream.stream("/t.T/m", from(large, Buffer.from("next")), call);
    assert.deepEqual(await collect(stream.messages), ["answer"]);
    assert.deepEqual(await answered, [large.toString(), "next"]);
  });
}

test("is not sent again without the part of it that was too much to keep", async (t) => {
  let calls = 0;
  const port = await startRawServer(t, (connection, id) => {
    calls += 1;
    goAwayAtFirstMessage(connection, id);
  });
  const upstream = connectTo(t, port);
  await upstream.ready();
  const lost = untilState(upstream, "connecting");
  async function* requests(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("one");
    await lost;
    yield Buffer.alloc(2 * 1024 * 1024);
  }
  await assert.rejects(
    collect(upstream.stream("/t.T/m", requests(), call).messages),
    isReason("upstream_unavailable"),
  );
  assert.equal(calls, 1);
});

for (const turns of [0, 1, 2, 3]) {
  test(`ends when it is given up ${turns} turns after its start`, async (t) => {
    const upstream = connectTo(t, await startRawServer(t, () => undefined));
    await upstream.ready();
    const leaving = new AbortController();
    const stream = upstream.stream("/t.T/m", from(Buffer.from("one")), {
      timeoutMs: Number.POSITIVE_INFINITY,
      signal: leaving.signal,
    });
    const read = collect(stream.messages);
    for (let turn = 0; turn < turns; turn++) await null;
    leaving.abort();
    await assert.rejects(read, isReason("client_gone"));
  });
}

test("a question that waits for its turn is no sign of death", async (t) => {
  const slow: (() => void)[] = [];
  const port = await startRawServer(
    t,
    (connection, id) => slow.push(() => connection.send(reply(id, "slow answer"))),
    [[3, 2]],
  );
  const upstream = createUpstream({
    ...{ transport: "native", candidates: [`127.0.0.1:${port}`], logger: silentLogger },
    ...{ pingMs: 2000, answerTimeoutMs: 100 },
  });
  t.after(() => upstream.close());
  await upstream.ready();
  const ask = async (timeoutMs: number): Promise<string> =>
    Buffer.from((await upstream.unary("/t.T/m", Buffer.from("question"), { timeoutMs })).wire).toString();
  const both = [ask(30_000), ask(30_000)];
  await assert.rejects(ask(50), isReason("deadline_exceeded"));
  // As long as the question takes, which that call's end has given reason to, and a while.
  await assert.rejects(ask(300), isReason("deadline_exceeded"));
  for (const answer of slow) answer();
  assert.deepEqual(await Promise.all(both), ["slow answer", "slow answer"]);
  assert.equal(upstream.connectionCount, 1);
});
