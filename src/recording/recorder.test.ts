import assert from "node:assert/strict";
import { open as openHandle, readFile, stat, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { keepingLogger, newFile, open, record, recorderFor } from "../../test/recording-fixture.ts";
import { call, collect, connectTo, fakeFor, from } from "../../test/upstream-fixture.ts";
import { endOf } from "./recording.ts";

describe("a recording", () => {
  test("holds requests, replies and trailers of every kind of call, in order", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    const file = await record(t, upstream, async (recorded) => {
      await recorded.unary("/t.T/echo", Buffer.from("hello"), call);
      await assert.rejects(recorded.unary("/t.T/fail", Buffer.from("5"), call));
      await collect(recorded.stream("/t.T/count", from("3"), call).messages);
      await collect(recorded.stream("/t.T/sum", from("ab", "cde"), call).messages);
    });
    const { calls, damage, stopped } = await open(t, file);
    assert.equal(damage, undefined);
    assert.equal(stopped?.why, "closed");
    assert.deepEqual(
      calls.map(({ path, events }) => [path, events.map(({ kind }) => kind).join(" ")]),
      [
        ["/t.T/echo", "request message end"],
        ["/t.T/fail", "request end"],
        ["/t.T/count", "request half-close message message message end"],
        ["/t.T/sum", "request request half-close message end"],
      ],
    );
    const [echo, fail] = calls;
    assert.ok(echo && fail);
    assert.deepEqual(endOf(echo)?.trailers.get("x-octane-trailer"), ["t"]);
    assert.equal(endOf(fail)?.code, "NOT_FOUND");
    assert.equal(endOf(fail)?.message, "no such item");
    assert.ok(endOf(fail)?.trailers.has("grpc-status-details-bin"));
    const times = calls.flatMap(({ events }) => events.map(({ atMs }) => atMs));
    assert.deepEqual(
      times,
      times.toSorted((one, other) => one - other),
    );
  });

  test("is made of replies in memory of their own, not in such as the caller uses again", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    const large = Buffer.alloc(1024 * 1024, 5);
    let asked = 0;
    const receiveMemory = (byteLength: number) => {
      asked += 1;
      return Buffer.alloc(byteLength);
    };
    await upstream.unary("/t.T/echo", large, { ...call, receiveMemory });
    const askedBefore = asked;
    await record(t, upstream, async (recorded) => {
      await recorded.unary("/t.T/echo", large, { ...call, receiveMemory });
    });
    assert.equal(asked, askedBefore);
  });

  test("is made of copies where a stream's messages lie in memory that the caller uses again", async (t) => {
    const file = newFile(t);
    const recorder = recorderFor(t);
    const recorded = recorder.wrap(connectTo(t, (await fakeFor(t)).port));
    const receiveMemory = (byteLength: number) => Buffer.alloc(byteLength);
    const stream = recorded.stream("/t.T/count", from("5x1048576"), { ...call, receiveMemory });
    const messages = stream.messages[Symbol.asyncIterator]();
    await messages.next();
    await recorder.start(file);
    for (let step = await messages.next(); step.done !== true; step = await messages.next()) {
      step.value.fill(255);
    }
    await recorder.stop();
    const recording = await open(t, file);
    const events = recording.calls.flatMap((late) => late.events);
    const bodies = events.flatMap((event) => (event.kind === "message" ? [recording.read(event.body)] : []));
    const found = (await Promise.all(bodies)).map((body) => [body.length, body.at(0), body.at(-1)]);
    assert.deepEqual(
      found,
      [1, 2, 3, 4].map((count) => [1_048_576, count, count]),
    );
  });

  test("never holds metadata that is a credential", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    const secrets = ["authorization", "cookie", "x-octane-token", "proxy-authorization", "x-api-key"];
    const metadata = new Map([...secrets, "x-octane-a"].map((name) => [name, [`value-of-${name}`]]));
    const file = await record(t, upstream, async (recorded) => {
      await recorded.unary("/t.T/echo", Buffer.from(""), { ...call, metadata });
      await collect(recorded.stream("/t.T/count", from("1"), { ...call, metadata }).messages);
    });
    const text = gunzipSync(await readFile(file)).toString("latin1");
    assert.ok(text.includes("value-of-x-octane-a"));
    for (const name of secrets) assert.ok(!text.includes(`value-of-${name}`), name);
  });

  test("can be read by its owner only, and never replaces a file", async (t) => {
    const file = newFile(t);
    const recorder = recorderFor(t);
    await recorder.start(file);
    await assert.rejects(recorder.start(`${file}2`), /running already/);
    await recorder.stop();
    if (process.platform !== "win32") assert.equal((await stat(file)).mode & 0o777, 0o600);
    await assert.rejects(recorder.start(file), /EEXIST/);
    assert.equal(recorder.file, undefined);
  });

  test("has a stream that began before it, with the request it is known by", async (t) => {
    const file = newFile(t);
    const recorder = recorderFor(t);
    const recorded = recorder.wrap(connectTo(t, (await fakeFor(t)).port));
    const stream = recorded.stream("/t.T/count", from("3"), call);
    const messages = stream.messages[Symbol.asyncIterator]();
    await messages.next();
    await recorder.start(file);
    await messages.next();
    await messages.next();
    await messages.next();
    await recorder.stop();
    const [late] = (await open(t, file)).calls;
    assert.equal(late?.isLate, true);
    assert.equal(late?.events.map(({ kind }) => kind).join(" "), "request half-close message message end");
  });

  test("stops at its size with a valid end and a warning, and the calls go on", async (t) => {
    const { logger, lines } = keepingLogger();
    const file = newFile(t);
    const recorder = recorderFor(t, { maxBytes: 4096, logger });
    await recorder.start(file);
    const recorded = recorder.wrap(connectTo(t, (await fakeFor(t)).port));
    for (let index = 0; index < 30; index++) {
      const body = Buffer.alloc(300, index);
      assert.deepEqual(Buffer.from((await recorded.unary("/t.T/echo", body, call)).wire), body);
    }
    assert.equal(recorder.file, undefined);
    await recorder.stop();
    assert.ok((await stat(file)).size <= 4096);
    const { calls, damage, stopped } = await open(t, file);
    assert.equal(damage, undefined);
    assert.equal(stopped?.why, "full");
    assert.ok(calls.length > 0 && calls.length < 30, `${calls.length} calls`);
    assert.equal(
      lines.filter((line) => line.startsWith("warn: the recording has reached its size")).length,
      1,
    );
  });

  test("leaves out large messages first when the disk is behind, and notes the gaps", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    const big = Buffer.alloc(20 * 1024 * 1024);
    const file = await record(t, upstream, async (recorded) => {
      // Replies are handed over without a pause for the compression, as from a stream that is read fast.
      const source = {
        ...upstream,
        unary: async () => ({ wire: big, headers: new Map(), trailers: new Map() }),
      };
      const recorder = recorderFor(t);
      await recorder.start(`${newFile(t)}.big`);
      const fast = recorder.wrap(source);
      await Promise.all(Array.from({ length: 8 }, () => fast.unary("/t.T/big", Buffer.from("x"), call)));
      const path = recorder.file;
      await recorder.stop();
      const { calls, stopped } = await open(t, String(path));
      const gaps = calls.reduce((sum, { gaps: ofCall }) => sum + ofCall, 0);
      assert.equal(calls.length, 8);
      assert.ok(gaps >= 1 && gaps < 8, `${gaps} gaps`);
      assert.equal(stopped?.gaps, gaps);
      assert.equal(calls.filter((one) => endOf(one) !== undefined).length, 8 - gaps);
      await recorded.unary("/t.T/echo", Buffer.from(""), call);
    });
    assert.equal((await open(t, file)).calls.length, 1);
  });

  test("ends with one line in the log when it cannot be written, and the calls go on", async (t) => {
    const { logger, lines } = keepingLogger();
    const file = newFile(t);
    await writeFile(file, "");
    const recorder = recorderFor(t, { logger, makeFile: (path) => openHandle(path, "r") });
    await recorder.start(file);
    const recorded = recorder.wrap(connectTo(t, (await fakeFor(t)).port));
    while (recorder.file !== undefined) await recorded.unary("/t.T/echo", Buffer.alloc(100_000, 1), call);
    await recorded.unary("/t.T/echo", Buffer.from("on"), call);
    await recorder.stop();
    assert.equal(lines.filter((line) => line.startsWith("error: ")).length, 1, lines.join("\n"));
  });

  test("passes on what a client does to a stream", async (t) => {
    const fake = await fakeFor(t);
    const upstream = connectTo(t, fake.port);
    const file = await record(t, upstream, async (recorded) => {
      for await (const message of recorded.stream("/t.T/count", from("400x1048576"), call).messages) {
        assert.equal(message.length, 1048576);
        break;
      }
      await fake.cancelled;
    });
    const [stream] = (await open(t, file)).calls;
    assert.ok(stream);
    assert.equal(endOf(stream), undefined);
  });
});
