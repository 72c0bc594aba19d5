import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { describe, type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { newFile, open, record, replay } from "../../test/recording-fixture.ts";
import { call, collect, connectTo, fakeFor, from } from "../../test/upstream-fixture.ts";
import { createContracts } from "../contract/create-contracts.ts";
import { ProxyError } from "../errors.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { RecordingError, readRecording } from "./read-recording.ts";
import { type RecordingRecord, recordingFormat, recordingVersion } from "./record.ts";
import { frameRecord } from "./record-framing.ts";

/** A recording of calls whose replies are made up here, one after the other. */
function recordReplies(
  t: TestContext,
  calls: readonly (readonly [path: string, request: Uint8Array, reply: string])[],
) {
  const replies = calls.map(([, , reply]) => reply);
  const source = {
    address: "127.0.0.1:1",
    state: "ready",
    onStateChange: () => () => undefined,
    unary: async () => ({
      wire: Buffer.from(replies.shift() ?? ""),
      headers: new Map(),
      trailers: new Map(),
    }),
  } as unknown as Upstream;
  return record(t, source, async (recorded) => {
    for (const [path, request] of calls) await recorded.unary(path, request, call);
  });
}

/** A file of these records. */
function write(
  records: readonly (readonly [record: RecordingRecord, body?: Uint8Array])[],
  generation = "beta2",
  version = recordingVersion,
): Buffer {
  const format = recordingFormat;
  const header = { kind: "header", format, version, program: "9.9.9", startedAt: "", generation } as const;
  const all: readonly (readonly [RecordingRecord, Uint8Array?])[] = [[header], ...records];
  return gzipSync(
    Buffer.concat(all.flatMap(([record, body = Buffer.alloc(0)]) => [frameRecord(record, body), body])),
  );
}

const ask = async (upstream: Upstream, path: string, request: Uint8Array): Promise<string> =>
  Buffer.from((await upstream.unary(path, request, call)).wire).toString();

const x = Buffer.from("x");

describe("a replay", () => {
  test("answers every kind of call as it was answered, metadata and details included", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    const use = async (octane: Upstream): Promise<unknown[]> => {
      const metadata = new Map([["x-octane-a", ["1"]]]);
      const echoed = await octane.unary("/t.T/echo", Buffer.from("hello"), { ...call, metadata });
      const failed: ProxyError = await octane.unary("/t.T/fail", Buffer.from("5"), call).then(
        () => assert.fail("the call must fail"),
        (error) => error,
      );
      const partial = octane.stream("/t.T/countThenFail", from(""), call);
      const seen: number[] = [];
      const read = async () => {
        for await (const message of partial.messages) seen.push(message.length);
      };
      await assert.rejects(read(), /enough/);
      return [
        Buffer.from(echoed.wire).toString(),
        echoed.headers.get("x-octane-a"),
        echoed.trailers.get("x-octane-trailer"),
        [failed.code, failed.message, failed.details, failed.metadata?.get("x-octane-why")],
        seen,
        await collect(octane.stream("/t.T/count", from("3x100000"), call).messages),
        await collect(octane.stream("/t.T/sum", from("ab", "cde"), call).messages),
        await collect(octane.stream("/t.T/chat", from("a", "b", "c"), call).messages),
        await collect(octane.stream("/t.T/sum", from(), call).messages),
      ];
    };
    let first: unknown[] = [];
    const file = await record(t, upstream, async (recorded) => {
      first = await use(recorded);
    });
    const { connect } = await replay(t, file);
    assert.deepEqual(await use(await connect()), first);
    assert.deepEqual(await use(await connect()), first);
  });

  test("gives equal requests their answers in order, the last again, and each connection its own turn", async (t) => {
    const file = await recordReplies(t, [
      ["/t.T/get", x, "1"],
      ["/t.T/set", x, "ok"],
      ["/t.T/get", x, "2"],
    ]);
    const { connect } = await replay(t, file);
    for (const octane of [await connect(), await connect()]) {
      const seen = [];
      for (let time = 0; time < 4; time++) seen.push(await ask(octane, "/t.T/get", x));
      assert.deepEqual(seen, ["1", "2", "2", "2"]);
    }
  });

  test("refuses a conversation that goes another way, at the request that differs", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    const file = await record(t, upstream, async (recorded) => {
      await collect(recorded.stream("/t.T/chat", from("a", "b"), call).messages);
    });
    const octane = await (await replay(t, file)).connect();
    await assert.rejects(
      collect(octane.stream("/t.T/chat", from("a", "z"), call).messages),
      (error: ProxyError) => {
        assert.equal(error.code, "FAILED_PRECONDITION");
        assert.match(error.message, /request 2 .*differs/);
        return true;
      },
    );
  });

  const info = createContracts().of("beta2").services.get("octaneapi.ApiItemService")?.methods.get("name");
  assert.ok(info);
  const item = (handle: bigint): Uint8Array =>
    toBinary(
      info.desc.input,
      create(info.desc.input, { objectPtr: { handle, type: 16 } } as Record<string, unknown>),
    );
  const misses: readonly (readonly [
    title: string,
    path: string,
    request: Uint8Array,
    code: string,
    said: RegExp,
  ])[] = [
    [
      "names the fields in which a request differs",
      info.path,
      item(8n),
      "FAILED_PRECONDITION",
      /nearest of 2 recorded ones differs in "objectPtr.handle" \(asked "8", recorded "7"\)/,
    ],
    [
      "names the first byte that differs where the type is not known",
      "/t.T/raw",
      Buffer.from("abX"),
      "FAILED_PRECONDITION",
      /differs in its bytes from 2 on \(3 bytes asked, 4 recorded\)/,
    ],
    ["names the nearest method", "/t.T/rav", x, "NOT_FOUND", /the nearest that was called is \/t\.T\/raw/],
    ["says what to do", "/far.Away/entirely", x, "NOT_FOUND", /replay session\.rec --list/],
  ];
  for (const [title, path, request, code, said] of misses) {
    test(`of a call that was not recorded ${title}`, async (t) => {
      const file = await recordReplies(t, [
        [info.path, item(7n), "a"],
        [info.path, Buffer.from(""), "b"],
        ["/t.T/raw", Buffer.from("abcd"), "c"],
      ]);
      const octane = await (
        await replay(t, file, { contracts: () => [createContracts().of("beta2")] })
      ).connect();
      await assert.rejects(octane.unary(path, request, call), (error: ProxyError) => {
        assert.ok(error instanceof ProxyError);
        assert.equal(error.code, code);
        assert.match(error.message, said);
        return true;
      });
    });
  }

  const hourMs = 3_600_000;
  for (const [speed, atLeastMs] of [
    [Number.POSITIVE_INFINITY, 0],
    [hourMs / 50, 50],
  ] as const) {
    test(`waits ${atLeastMs} ms where Octane waited an hour, at speed ${speed}`, async (t) => {
      const file = newFile(t);
      const one = { call: 1, atMs: 10 };
      await writeFile(
        file,
        write([
          [{ kind: "call", ...one, path: "/t.T/slow", isUnary: false }],
          [{ kind: "request", ...one }, Buffer.from("go")],
          [{ kind: "message", ...one }, x],
          [{ kind: "message", call: 1, atMs: 10 + hourMs }, x],
          [{ kind: "end", call: 1, atMs: 10 + hourMs, code: "OK" }],
        ]),
      );
      const octane = await (await replay(t, file, { speed })).connect();
      const startedAt = performance.now();
      const messages = await collect(octane.stream("/t.T/slow", from("go"), call).messages);
      assert.equal(messages.length, 2);
      const tookMs = performance.now() - startedAt;
      // Timers may end a moment early.
      assert.ok(tookMs >= atLeastMs - 1, `${tookMs} ms`);
    });
  }

  test("answers for the generation that was given when recording, since nobody asked Octane then", async (t) => {
    const question = "/octaneapi.ApiControlService/getWebRTCStatus";
    const newest = await (await replay(t, await recordReplies(t, [["/t.T/get", x, "1"]]))).connect();
    assert.equal(await ask(newest, question, Buffer.from("")), "");
    const file = newFile(t);
    await writeFile(file, write([], "alpha5"));
    const older = await (await replay(t, file)).connect();
    await assert.rejects(ask(older, question, x), (error: ProxyError) => error.code === "UNIMPLEMENTED");
  });

  test("begins a stream that Octane did not end again with --loop, else leaves it open and silent", async (t) => {
    const fake = await fakeFor(t);
    const upstream = connectTo(t, fake.port);
    const file = await record(t, upstream, async (recorded) => {
      let left = 3;
      for await (const _ of recorded.stream("/t.T/count", from("5000x1000"), call).messages) {
        left -= 1;
        if (left === 0) break;
      }
    });
    const looping = await (await replay(t, file, { speed: 1, isLooping: true })).connect();
    const seen: number[] = [];
    for await (const message of looping.stream("/t.T/count", from("5000x1000"), call).messages) {
      seen.push(message[0] ?? -1);
      if (seen.length === 7) break;
    }
    assert.deepEqual(seen, [0, 1, 2, 0, 1, 2, 0]);
    const silent = await (await replay(t, file)).connect();
    const stream = silent.stream("/t.T/count", from("5000x1000"), { timeoutMs: 300 });
    await assert.rejects(
      collect(stream.messages),
      (error: ProxyError) => error.reason === "deadline_exceeded",
    );
  });
});

describe("of a file", () => {
  const someCalls = Array.from(
    { length: 50 },
    (_, index) => ["/t.T/get", Buffer.from(`${index}`), `r${index}`] as const,
  );

  test("that was cut, what stands before the cut is served, with a warning", async (t) => {
    const file = await recordReplies(t, someCalls);
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length - 200));
    const { damage, calls } = await open(t, file);
    assert.ok(damage);
    assert.ok(calls.length > 5, `${calls.length} calls`);
    const octane = await (await replay(t, file)).connect();
    assert.equal(await ask(octane, "/t.T/get", Buffer.from("0")), "r0");
  });

  test("whose writer has died, what was written in time is served, with a warning", async (t) => {
    const file = newFile(t);
    await writeFile(file, write([[{ kind: "call", call: 1, atMs: 1, path: "/t.T/get", isUnary: true }]]));
    const { damage, calls } = await open(t, file);
    assert.match(damage ?? "", /not closed in order/);
    assert.equal(calls.length, 1);
  });

  test("of a later version of the format, it is said what can read it", async (t) => {
    const file = newFile(t);
    await writeFile(file, write([], "beta2", recordingVersion + 1));
    await assert.rejects(readRecording(file), /version 2 .*use octane-proxy 9\.9\.9/);
  });

  test("with a wrong byte, nothing wrong is served", async (t) => {
    const file = await recordReplies(t, someCalls);
    const bytes = await readFile(file);
    for (const at of [40, 200, bytes.length >> 1, bytes.length - 20]) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      await writeFile(file, damaged);
      const recording = await readRecording(file).catch((error: unknown) => {
        assert.ok(error instanceof RecordingError, String(error));
        return undefined;
      });
      if (recording === undefined) continue;
      assert.ok(recording.damage, `byte ${at}`);
      for (const { events } of recording.calls) {
        const texts: string[] = [];
        for (const event of events) {
          if ("body" in event) texts.push((await recording.read(event.body)).toString());
        }
        if (texts.length === 2) assert.equal(texts[1], `r${texts[0]}`);
      }
      recording.close();
    }
  });

  for (const [title, content] of [
    ["another kind", Buffer.from("hello")],
    ["no content", Buffer.alloc(0)],
  ] as const) {
    test(`of ${title}, it is said that it is no recording`, async (t) => {
      const file = newFile(t);
      await writeFile(file, content);
      await assert.rejects(readRecording(file), RecordingError);
    });
  }

  test("that is not there, that is said", async (t) => {
    await assert.rejects(readRecording(newFile(t)), /ENOENT/);
  });
});
