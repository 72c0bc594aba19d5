import assert from "node:assert/strict";
import { test } from "node:test";
import {
  call,
  collect,
  describeOnEach,
  fakeFor,
  freePort,
  from,
  isReason,
  untilState,
} from "../../test/upstream-fixture.ts";
import { ProxyError } from "../errors.ts";

describeOnEach("streaming calls", (connectTo) => {
  test("read a server stream in order, to its end", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    const stream = upstream.stream("/t.T/count", from("5"), call);
    assert.deepEqual(await collect(stream.messages), ["\0", "\x01", "\x02", "\x03", "\x04"]);
    await stream.trailers;
  });

  test("hold the server back while nobody reads", async (t) => {
    const fake = await fakeFor(t);
    const upstream = connectTo(t, fake.port);
    const stream = upstream.stream("/t.T/count", from("400x1048576"), call);
    for await (const message of stream.messages) {
      assert.equal(message.length, 1048576);
      // A second call on the same connection gets through while the stream stands still.
      await upstream.unary("/t.T/echo", Buffer.alloc(0), call);
      break;
    }
    await fake.cancelled;
    assert.ok(fake.written < 60, `the server had written ${fake.written} messages of 1 MiB`);
  });

  test("give a slow reader every message before the failure that ends the stream", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    const stream = upstream.stream("/t.T/countThenFail", from(""), call);
    await assert.rejects(stream.trailers, isReason("upstream_status"));
    let count = 0;
    const read = async (): Promise<void> => {
      for await (const message of stream.messages) assert.equal(message[0], count++);
    };
    await assert.rejects(read(), isReason("upstream_status"));
    assert.equal(count, 50);
  });

  test("send a client stream and get its one reply", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    const stream = upstream.stream("/t.T/sum", from("abc", "", "de"), call);
    assert.deepEqual(await collect(stream.messages), ["5"]);
  });

  test("talk both ways at once", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    let more: (text: string | undefined) => void = () => {};
    async function* requests(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("first");
      for (;;) {
        const text = await new Promise<string | undefined>((resolve) => {
          more = resolve;
        });
        if (text === undefined) return;
        yield Buffer.from(text);
      }
    }
    const heard: string[] = [];
    for await (const message of upstream.stream("/t.T/chat", requests(), call).messages) {
      heard.push(Buffer.from(message).toString());
      setImmediate(() => more(heard.length < 3 ? `answer ${heard.length}` : undefined));
    }
    assert.deepEqual(heard, ["first", "answer 1", "answer 2"]);
  });

  test("throw the request source's own failure and cancel the call", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("one");
      throw new ProxyError("malformed_json", "no JSON");
    }
    await assert.rejects(
      collect(upstream.stream("/t.T/sum", broken(), call).messages),
      isReason("malformed_json"),
    );
  });

  test("reject headers, messages and trailers alike when nothing answers", async (t) => {
    const upstream = connectTo(t, await freePort());
    await untilState(upstream, "unavailable");
    const stream = upstream.stream("/t.T/count", from("5"), call);
    await assert.rejects(collect(stream.messages), isReason("upstream_unavailable"));
    await assert.rejects(stream.headers, isReason("upstream_unavailable"));
    await assert.rejects(stream.trailers, isReason("upstream_unavailable"));
  });
});
