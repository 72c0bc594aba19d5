// Over 500 lines on purpose: one list of what a server may do wrong, each a few lines of frames and what the call says.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { deflateSync, gzipSync } from "node:zlib";
import { createGate } from "../../../test/http-fixture.ts";
import {
  block,
  endHeaders,
  endStream,
  frame,
  message,
  okTrailers,
  type RawConnection,
  type RawFrame,
  reply,
  replyHeaders,
  startRawServer,
  types,
  uint32,
} from "../../../test/raw-http2-server.ts";
import { collect, from, isReason } from "../../../test/upstream-fixture.ts";
import { ProxyError } from "../../errors.ts";
import { silentLogger } from "../../observe/logger.ts";
import { createUpstream } from "../create-upstream.ts";
import type { Upstream } from "../upstream.ts";

const call = { timeoutMs: 30_000 };
const wire = Buffer.from("question");

function connectTo(t: TestContext, port: number): Upstream {
  const upstream = createUpstream({
    transport: "native",
    candidates: [`127.0.0.1:${port}`],
    logger: silentLogger,
    retryMs: 20,
    pingMs: 2000,
    answerTimeoutMs: 2000,
  });
  t.after(() => upstream.close());
  return upstream;
}

const unary = async (upstream: Upstream, options = call): Promise<string> =>
  Buffer.from((await upstream.unary("/t.T/m", wire, options)).wire).toString();

const isFrame =
  (type: number, streamId?: number, flags?: number) =>
  (each: RawFrame): boolean =>
    each.type === type &&
    (streamId === undefined || each.streamId === streamId) &&
    (flags === undefined || each.flags === flags);

type GoodAnswer = readonly [name: string, answer: (id: number) => Buffer[]];

/** `name` with what a server answers to a call that is understood all the same. */
const goodAnswers: readonly GoodAnswer[] = [
  ["in one piece", (id) => [reply(id, "answer")]],
  [
    "with CONTINUATION, even empty",
    (id) => [
      frame(types.headers, 0, id, replyHeaders.subarray(0, 10)),
      frame(types.continuation, 0, id),
      frame(types.continuation, endHeaders, id, replyHeaders.subarray(10)),
      frame(types.data, 0, id, message("answer")),
      frame(types.headers, endStream, id, okTrailers.subarray(0, 3)),
      frame(types.continuation, endHeaders, id, okTrailers.subarray(3)),
    ],
  ],
  [
    "with padding and priority",
    (id) => [
      frame(
        types.headers,
        endHeaders | 8 | 0x20,
        id,
        Buffer.concat([Buffer.from([3]), uint32(0), Buffer.from([7]), replyHeaders, Buffer.alloc(3)]),
      ),
      frame(types.priority, 0, id, Buffer.concat([uint32(0), Buffer.from([1])])),
      frame(
        types.data,
        8,
        id,
        Buffer.concat([Buffer.from([255]), message("ans"), Buffer.alloc(255)]).subarray(),
      ),
      frame(types.headers, endHeaders | endStream, id, okTrailers),
    ],
  ],
  [
    "with its message in single bytes and empty frames",
    (id) => [
      frame(types.headers, endHeaders, id, replyHeaders),
      ...[...message("answer")].flatMap((byte) => [
        frame(types.data, 0, id, Buffer.from([byte])),
        frame(types.data, 0, id),
      ]),
      frame(types.headers, endHeaders | endStream, id, okTrailers),
    ],
  ],
  [
    "after informational headers and frames of a type that nobody knows",
    (id) => [
      frame(0x77, 0xff, id, Buffer.from("odd")),
      frame(types.headers, endHeaders, id, block({ ":status": "103" })),
      reply(id, "answer"),
      frame(types.windowUpdate, 0, id, uint32(1)),
      frame(types.rstStream, 0, id, uint32(0)),
    ],
  ],
  ...(
    [
      ["gzip", gzipSync("answer")],
      ["deflate", deflateSync("answer")],
    ] as const
  ).map(
    ([encoding, packed]) =>
      [
        `packed with ${encoding}`,
        (id: number) => [
          frame(
            types.headers,
            endHeaders,
            id,
            block({ ":status": "200", "content-type": "application/grpc+proto", "grpc-encoding": encoding }),
          ),
          frame(types.data, 0, id, message(packed, true)),
          frame(types.headers, endHeaders | endStream, id, okTrailers),
        ],
      ] as const,
  ),
];

describe("a reply is read", () => {
  for (const [name, answer] of goodAnswers) {
    for (const kind of ["unary", "streaming"] as const) {
      test(`${name} (${kind})`, async (t) => {
        const port = await startRawServer(t, (connection, id) => connection.send(...answer(id)));
        const upstream = connectTo(t, port);
        await upstream.ready();
        const expected = name.includes("padding") ? "ans" : "answer";
        if (kind === "unary") assert.equal(await unary(upstream), expected);
        else {
          assert.deepEqual(await collect(upstream.stream("/t.T/m", from(wire), call).messages), [expected]);
        }
        assert.equal(upstream.state, "ready");
      });
    }
  }

  test("byte by byte from the socket", async (t) => {
    const port = await startRawServer(t, (connection, id) => {
      for (const byte of reply(id, "answer")) connection.socket.write(Buffer.from([byte]));
    });
    assert.equal(await unary(connectTo(t, port)), "answer");
  });
});

const headers = (id: number): Buffer => frame(types.headers, endHeaders, id, replyHeaders);
const trailers = (id: number, fields: Readonly<Record<string, string>>): Buffer =>
  frame(types.headers, endHeaders | endStream, id, block(fields));

/** What is wrong with one call alone, so that the connection goes on. */
const badReplies: readonly (readonly [
  name: string,
  answer: (id: number) => Buffer[],
  code: string,
  pattern: RegExp,
])[] = [
  [
    "trailers without a status",
    (id) => [headers(id), trailers(id, { a: "b" })],
    "INTERNAL",
    /like a web server/,
  ],
  [
    "a message and then the end without trailers",
    (id) => [headers(id), frame(types.data, endStream, id, message("x"))],
    "INTERNAL",
    /like a web server/,
  ],
  [
    "headers in the middle",
    (id) => [headers(id), headers(id)],
    "INTERNAL",
    /trailers that did not end the call/,
  ],
  [
    "a status that is no number",
    (id) => [headers(id), trailers(id, { "grpc-status": "fine" })],
    "UNKNOWN",
    /invalid grpc-status "fine"/,
  ],
  [
    "unknown message flags",
    (id) => [headers(id), frame(types.data, 0, id, Buffer.from([2, 0, 0, 0, 0]))],
    "INTERNAL",
    /unknown flags 2/,
  ],
  [
    "a compression that was not offered",
    (id) => [
      frame(
        types.headers,
        endHeaders,
        id,
        block({ ":status": "200", "content-type": "application/grpc", "grpc-encoding": "zstd" }),
      ),
      frame(types.data, 0, id, message("x", true)),
      trailers(id, { "grpc-status": "0" }),
    ],
    "UNIMPLEMENTED",
    /compressed with "zstd", expected gzip or deflate/,
  ],
  [
    "broken compression",
    (id) => [
      frame(
        types.headers,
        endHeaders,
        id,
        block({ ":status": "200", "content-type": "application/grpc", "grpc-encoding": "gzip" }),
      ),
      frame(types.data, 0, id, message("no gzip", true)),
      trailers(id, { "grpc-status": "0" }),
    ],
    "INTERNAL",
    /Failed to decompress gzip/,
  ],
  [
    "headers above the bound",
    (id) => {
      const many = block(
        Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`h${i}`, "x".repeat(100)])),
      );
      const pieces: Buffer[] = [];
      for (let at = 0; at < many.length; at += 16_000) {
        const end = at + 16_000 >= many.length ? endHeaders : 0;
        const type = at === 0 ? types.headers : types.continuation;
        pieces.push(frame(type, end, id, many.subarray(at, at + 16_000)));
      }
      return pieces;
    },
    "RESOURCE_EXHAUSTED",
    /headers larger than max/,
  ],
  ...(
    [
      [0, "INTERNAL", /without gRPC status/],
      [1, "INTERNAL", /RST_STREAM with code 1/],
      [2, "INTERNAL", /Internal server error/],
      [11, "RESOURCE_EXHAUSTED", /memory limit/],
      [12, "PERMISSION_DENIED", /not secure/],
    ] as const
  ).map(
    ([code, name, pattern]) =>
      [
        `a reset with code ${code}`,
        (id: number) => [frame(types.rstStream, 0, id, uint32(code))],
        name,
        pattern,
      ] as const,
  ),
];

describe("one call fails, and the next one on the connection works, after", () => {
  for (const [name, answer, code, pattern] of badReplies) {
    test(name, async (t) => {
      let connections = 0;
      const port = await startRawServer(t, (connection, id) => {
        connections = connection.index + 1;
        connection.send(...(id === 1 ? answer(id) : [reply(id, "answer")]));
      });
      const upstream = connectTo(t, port);
      await assert.rejects(unary(upstream), (error) => {
        assert.ok(error instanceof ProxyError, String(error));
        assert.equal(`${error.reason} ${error.code}`, `upstream_status ${code}`, error.message);
        assert.match(error.message, pattern);
        return true;
      });
      assert.equal(await unary(upstream), "answer");
      assert.equal(connections, 1);
    });
  }

  test("half a message", async (t) => {
    const port = await startRawServer(t, (connection, id) =>
      connection.send(
        headers(id),
        frame(types.data, 0, id, message("answer").subarray(0, 8)),
        trailers(id, { "grpc-status": "0" }),
      ),
    );
    const upstream = connectTo(t, port);
    await assert.rejects(unary(upstream), isReason("upstream_malformed"));
    await assert.rejects(
      collect(upstream.stream("/t.T/m", from(wire), call).messages),
      isReason("upstream_malformed"),
    );
  });
});

/** After which nothing on the connection can be trusted. */
const brokenRules: readonly (readonly [name: string, code: number, answer: (id: number) => Buffer[]])[] = [
  ["DATA before HEADERS", 1, (id) => [frame(types.data, 0, id, message("x"))]],
  ["DATA on a stream that never began", 1, () => [frame(types.data, 0, 99, message("x"))]],
  ["HEADERS on an even stream", 1, () => [headers(2)]],
  ["a push", 1, (id) => [frame(types.pushPromise, endHeaders, id, uint32(2))]],
  ["CONTINUATION out of the blue", 1, (id) => [frame(types.continuation, endHeaders, id)]],
  ["DATA amid HEADERS", 1, (id) => [frame(types.headers, 0, id, replyHeaders), frame(types.data, 0, id)]],
  ["padding above its frame", 1, (id) => [headers(id), frame(types.data, 8, id, Buffer.from([9, 0]))]],
  ["padding without a length", 1, (id) => [headers(id), frame(types.data, 8, id)]],
  ["a WINDOW_UPDATE of 0", 1, () => [frame(types.windowUpdate, 0, 0, uint32(0))]],
  ["a window above its bound", 3, () => [frame(types.windowUpdate, 0, 0, uint32(0x7fffffff))]],
  [
    "an initial window above its bound",
    3,
    () => [frame(types.settings, 0, 0, Buffer.from([0, 4, 255, 0, 0, 0]))],
  ],
  [
    "a frame above the size allowed",
    6,
    (id) => [headers(id), frame(types.data, 0, id, Buffer.alloc(16_385))],
  ],
  ["SETTINGS of a broken length", 6, () => [frame(types.settings, 0, 0, Buffer.alloc(5))]],
  ["PING of a broken length", 6, () => [frame(types.ping, 0, 0, Buffer.alloc(7))]],
  ["RST_STREAM of a broken length", 6, (id) => [frame(types.rstStream, 0, id, Buffer.alloc(3))]],
  ["malformed HPACK", 9, (id) => [frame(types.headers, endHeaders, id, Buffer.from([0x80]))]],
  [
    "a flood of CONTINUATION",
    11,
    (id) => [
      frame(types.headers, 0, id, replyHeaders),
      ...Array.from({ length: 300 }, () => frame(types.continuation, 0, id)),
    ],
  ],
  [
    "a flood of PINGs",
    11,
    () => Array.from({ length: 20_000 }, () => frame(types.ping, 0, 0, Buffer.alloc(8))),
  ],
  [
    "more DATA than the stream's window",
    3,
    (id) => [
      headers(id),
      // Two messages, of which the reader takes the first ahead and then stands still.
      ...[1, 9]
        .map((mebibytes) => message(Buffer.alloc(mebibytes * 1024 * 1024)))
        .flatMap((bytes) =>
          Array.from({ length: Math.ceil(bytes.length / 16_384) }, (_, i) =>
            frame(types.data, 0, id, bytes.subarray(16_384 * i, 16_384 * (i + 1))),
          ),
        ),
    ],
  ],
];

describe("the connection is given up with GOAWAY and made anew after", () => {
  for (const [name, code, answer] of brokenRules) {
    test(name, async (t) => {
      const broken: RawConnection[] = [];
      const port = await startRawServer(t, (connection, id) => {
        if (connection.index > 0) connection.send(reply(id, "answer"));
        else {
          broken.push(connection);
          connection.send(...answer(id));
        }
      });
      const upstream = connectTo(t, port);
      const isStalling = name.includes("the stream's window");
      const stream = upstream.stream("/t.T/m", from(wire), call);
      const messages = stream.messages[Symbol.asyncIterator]();
      // A stream whose reader stands still is the one whose window runs out.
      if (!isStalling) await assert.rejects(messages.next(), isReason("upstream_unavailable"));
      else await assert.rejects(stream.trailers, isReason("upstream_unavailable"));
      const goAway = await broken[0]?.seen(isFrame(types.goAway));
      assert.equal(goAway?.payload.readUInt32BE(4), code);
      assert.equal(await unary(upstream), "answer");
      assert.equal(upstream.connectionCount, 2);
    });
  }
});

describe("a call that the server has not begun", () => {
  test("is tried again after REFUSED_STREAM", async (t) => {
    const port = await startRawServer(t, (connection, id) =>
      connection.send(id === 1 ? frame(types.rstStream, 0, id, uint32(7)) : reply(id, "answer")),
    );
    const upstream = connectTo(t, port);
    assert.equal(await unary(upstream), "answer");
    assert.equal(upstream.connectionCount, 1);
  });

  test("is tried three times in all, and then fails as unavailable", async (t) => {
    let tries = 0;
    const port = await startRawServer(t, (connection, id) => {
      tries += 1;
      connection.send(frame(types.rstStream, 0, id, uint32(7)));
    });
    await assert.rejects(unary(connectTo(t, port)), isReason("upstream_unavailable"));
    assert.equal(tries, 3);
  });

  for (const kind of ["unary", "streaming"] as const) {
    test(`goes to a new connection after GOAWAY, while older ones end on the old (${kind})`, async (t) => {
      let first: RawConnection | undefined;
      const port = await startRawServer(t, (connection, id) => {
        if (connection.index > 0) {
          connection.send(reply(id, "new"));
          first?.send(reply(1, "old"));
        } else {
          first = connection;
          if (id === 3) connection.send(frame(types.goAway, 0, 0, uint32(1, 0)));
        }
      });
      const upstream = connectTo(t, port);
      await upstream.ready();
      const ask = async (): Promise<string> =>
        kind === "unary"
          ? unary(upstream)
          : (await collect(upstream.stream("/t.T/m", from(wire), call).messages)).join();
      assert.deepEqual(await Promise.all([ask(), ask()]), ["old", "new"]);
      assert.equal(upstream.connectionCount, 2);
    });
  }

  test("is not tried again on a connection that it was not meant for", async (t) => {
    const port = await startRawServer(t, (connection, id) =>
      connection.send(connection.index === 0 ? frame(types.goAway, 0, 0, uint32(0, 0)) : reply(id, "new")),
    );
    const upstream = connectTo(t, port);
    await upstream.ready();
    await assert.rejects(
      upstream.unary("/t.T/m", wire, { ...call, connection: upstream.connectionCount }),
      isReason("stale_epoch"),
    );
  });

  test("that has begun is not tried again when the connection breaks", async (t) => {
    let calls = 0;
    const port = await startRawServer(t, (connection) => {
      calls += 1;
      connection.socket.destroy();
    });
    await assert.rejects(unary(connectTo(t, port)), isReason("upstream_unavailable"));
    assert.equal(calls, 1);
  });
});

describe("what the server allows is kept:", () => {
  test("its windows, also when it shrinks and widens them on the way", async (t) => {
    const body = Buffer.alloc(100_000, 5);
    const port = await startRawServer(
      t,
      async (connection, id) => {
        const sentBytes = (): number =>
          connection.received
            .filter(isFrame(types.data, id))
            .reduce((sum, { payload }) => sum + payload.length, 0);
        assert.equal(sentBytes(), 0);
        connection.send(frame(types.windowUpdate, 0, id, uint32(10_000)));
        await connection.seen(() => sentBytes() === 10_010);
        // The stream's window is now 10 below zero, then 90 above.
        connection.send(frame(types.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0])));
        connection.send(frame(types.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, 100])));
        await connection.seen(() => sentBytes() === 10_100);
        connection.send(frame(types.windowUpdate, 0, id, uint32(1_000_000)));
        // Now the connection's own window holds it up.
        await connection.seen(() => sentBytes() === 65_535);
        connection.send(frame(types.windowUpdate, 0, 0, uint32(1_000_000)));
        await connection.seen(isFrame(types.data, id, endStream));
        assert.equal(sentBytes(), body.length + 5);
        const whole = Buffer.concat(
          connection.received.filter(isFrame(types.data, id)).map(({ payload }) => payload),
        );
        connection.send(reply(id, whole.subarray(5).equals(body) ? "whole" : "damaged"));
      },
      [[4, 10]],
    );
    const upstream = connectTo(t, port);
    await upstream.ready();
    const { wire: answer } = await upstream.unary("/t.T/m", body, call);
    assert.equal(Buffer.from(answer).toString(), "whole");
  });

  test("its windows, which the mere end of the requests does not need", async (t) => {
    const settingsAcks = (frames: readonly RawFrame[]): number =>
      frames.filter(isFrame(types.settings, 0, 1)).length;
    let onShrunk = (): void => {};
    const shrunk = new Promise<void>((resolve) => {
      onShrunk = resolve;
    });
    const port = await startRawServer(
      t,
      async (connection, id) => {
        await connection.seen(isFrame(types.data, id));
        connection.send(frame(types.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0])));
        await connection.seen(() => settingsAcks(connection.received) === 2);
        onShrunk();
        const end = await connection.seen(isFrame(types.data, id, endStream));
        connection.send(reply(id, `${end.payload.length} bytes`));
      },
      [[4, 100]],
    );
    const upstream = connectTo(t, port);
    await upstream.ready();
    async function* requests(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(50);
      await shrunk;
    }
    assert.deepEqual(await collect(upstream.stream("/t.T/m", requests(), call).messages), ["0 bytes"]);
  });

  test("its number of concurrent streams, beyond which calls wait for their turn", async (t) => {
    let most = 0;
    let open = 0;
    const port = await startRawServer(
      t,
      (connection, id) => {
        most = Math.max(most, ++open);
        setImmediate(() => {
          open -= 1;
          connection.send(reply(id, String(id)));
        });
      },
      [[3, 2]],
    );
    const upstream = connectTo(t, port);
    await upstream.ready();
    const answers = await Promise.all(Array.from({ length: 9 }, () => unary(upstream)));
    assert.equal(new Set(answers).size, 9);
    assert.equal(most, 2);
  });

  test("a call that waits for its turn ends at its deadline and is never sent", async (t) => {
    const called = createGate<RawConnection>();
    const port = await startRawServer(t, called.resolve, [[3, 1]]);
    const upstream = connectTo(t, port);
    await upstream.ready();
    const first = unary(upstream, { timeoutMs: 400 });
    await assert.rejects(unary(upstream, { timeoutMs: 50 }), isReason("deadline_exceeded"));
    await assert.rejects(first, isReason("deadline_exceeded"));
    const connection = await called.promise;
    const sent = await connection.seen(isFrame(types.data, 1));
    assert.ok(sent.payload.includes(wire));
    // After a deadline the upstream is asked whether it still answers; that takes the turn, not the call that waited.
    const next = await connection.seen(isFrame(types.data, 3));
    assert.ok(!next.payload.includes(wire));
  });

  test("its frame size, also for metadata", async (t) => {
    const port = await startRawServer(t, async (connection, id) => {
      await connection.seen(isFrame(types.data, id, endStream));
      const sizes = connection.received.map(({ payload }) => payload.length);
      assert.ok(Math.max(...sizes) <= 16_384, String(sizes));
      assert.equal(connection.received.filter(isFrame(types.continuation, id)).length, 2);
      connection.send(reply(id, "answer"));
    });
    const upstream = connectTo(t, port);
    const metadata = new Map([["x-octane-long", ["v".repeat(40_000)]]]);
    const { wire: answer } = await upstream.unary("/t.T/m", Buffer.alloc(40_000), { ...call, metadata });
    assert.equal(Buffer.from(answer).toString(), "answer");
  });

  test("its header table, by telling that none is used", async (t) => {
    const firstBytes: (number | undefined)[] = [];
    const port = await startRawServer(
      t,
      (connection, id) => {
        firstBytes.push(connection.received.find(isFrame(types.headers, id))?.payload[0]);
        connection.send(reply(id, "answer"));
      },
      [[1, 100]],
    );
    const upstream = connectTo(t, port);
    await upstream.ready();
    await unary(upstream);
    await unary(upstream);
    assert.deepEqual(firstBytes, [0x20, 0x83]);
  });
});

describe("the client", () => {
  test("answers PING and SETTINGS", async (t) => {
    const port = await startRawServer(t, async (connection, id) => {
      connection.send(frame(types.ping, 0, 0, Buffer.from("12345678")));
      const pong = await connection.seen(isFrame(types.ping, 0, 1));
      assert.equal(pong.payload.toString(), "12345678");
      await connection.seen(isFrame(types.settings, 0, 1));
      connection.send(reply(id, "answer"));
    });
    assert.equal(await unary(connectTo(t, port)), "answer");
  });

  test("tells the server the deadline, and gives up the stream with CANCEL", async (t) => {
    const called = createGate<RawConnection>();
    const port = await startRawServer(t, called.resolve);
    const upstream = connectTo(t, port);
    await upstream.ready();
    await assert.rejects(unary(upstream, { timeoutMs: 70 }), isReason("deadline_exceeded"));
    const connection = await called.promise;
    const reset = await connection.seen(isFrame(types.rstStream, 1));
    assert.deepEqual(reset.payload, uint32(8));
    const head = connection.received.find(isFrame(types.headers, 1))?.payload.toString("latin1");
    assert.ok(head?.includes(`grpc-timeout${String.fromCharCode(3)}70m`), head);
  });

  test("stops sending when the server has answered before it heard all", async (t) => {
    const port = await startRawServer(t, (connection, id) => connection.send(reply(id, "enough")));
    const upstream = connectTo(t, port);
    let isLeft = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          yield Buffer.from("more");
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        isLeft = true;
      }
    }
    assert.deepEqual(await collect(upstream.stream("/t.T/m", endless(), call).messages), ["enough"]);
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(isLeft);
  });

  test("holds many small messages for a slow reader, in order and to the last", async (t) => {
    const count = 30_000;
    const port = await startRawServer(t, (connection, id) => {
      connection.send(headers(id));
      const all = Buffer.concat(Array.from({ length: count }, (_, i) => message(uint32(i))));
      for (let at = 0; at < all.length; at += 16_384) {
        connection.send(frame(types.data, 0, id, all.subarray(at, at + 16_384)));
      }
      connection.send(trailers(id, { "grpc-status": "0" }));
    });
    const upstream = connectTo(t, port);
    let next = 0;
    for await (const each of upstream.stream("/t.T/m", from(wire), call).messages) {
      assert.equal(Buffer.from(each).readUInt32BE(), next++);
    }
    assert.equal(next, count);
  });

  test("refuses metadata that no header can carry", async (t) => {
    const upstream = connectTo(
      t,
      await startRawServer(t, (connection, id) => connection.send(reply(id, ""))),
    );
    await upstream.ready();
    const metadata = new Map([["x-octane-a", ["line\r\nbreak"]]]);
    await assert.rejects(upstream.unary("/t.T/m", wire, { ...call, metadata }), /x-octane-a cannot be sent/);
  });
});
