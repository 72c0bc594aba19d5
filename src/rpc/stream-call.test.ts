import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadBuiltIn } from "../contract/built-in.ts";
import { ProxyError } from "../errors.ts";
import { createTranscoder } from "../transcode/create-transcoder.ts";
import { plainDialect } from "../transcode/dialects.ts";
import type { CallTarget, Session, UpstreamStream } from "./session.ts";
import { createStreamCaller } from "./stream-call.ts";

const contract = loadBuiltIn("beta2");
const options = { timeoutMs: 1000 };
/** The wire bytes of the reply {result: "teapot"}. */
const teapot = Buffer.from([0x0a, 6, ...Buffer.from("teapot")]);

function findTarget(serviceName: string, name: string): CallTarget {
  const method = contract.services.get(`octaneapi.${serviceName}`)?.methods.get(name);
  assert.ok(method);
  return { method, isNative: true };
}

/** A session that notes what it gets, and answers a call with the teapot and a stream with `replies`. */
function createFake(replies: readonly Uint8Array[] = []) {
  const called: Uint8Array[] = [];
  const streamed: Uint8Array[] = [];
  let sourceEnded = false;
  const session: Pick<Session, "call" | "stream"> = {
    async call(_target, wire) {
      called.push(wire);
      return { wire: teapot, headers: new Map([["a", ["1"]]]), trailers: new Map([["b", ["2"]]]) };
    },
    stream(_target, requests): UpstreamStream {
      async function* messages() {
        for await (const wire of requests) streamed.push(wire);
        sourceEnded = true;
        yield* replies;
      }
      const none = Promise.resolve(new Map());
      return { headers: none, trailers: none, messages: messages(), cancel() {} };
    },
  };
  return {
    called,
    streamed,
    get sourceEnded() {
      return sourceEnded;
    },
    caller: createStreamCaller({ session, transcoder: createTranscoder() }),
  };
}

/** One message, and then silence: the client has not said that it has ended. */
async function* oneThenSilence(): AsyncGenerator<Uint8Array> {
  yield Uint8Array.of(1);
  await new Promise(() => undefined);
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function textsOf(messages: AsyncIterable<Buffer>): Promise<string[]> {
  const texts: string[] = [];
  for await (const message of messages) texts.push(message.toString());
  return texts;
}

describe("a stream of JSON", () => {
  test("of a unary method is a call, translated as calls are, with its metadata", async () => {
    const fake = createFake();
    const stream = fake.caller
      .method(findTarget("ApiItemService", "name"), plainDialect)
      .open(oneThenSilence(), options);
    assert.deepEqual(await textsOf(stream.messages), ['{"result":"teapot"}']);
    assert.deepEqual(fake.called, [Uint8Array.of(1)]);
    assert.deepEqual(await stream.headers, new Map([["a", ["1"]]]));
    assert.deepEqual(await stream.trailers, new Map([["b", ["2"]]]));
  });

  test("of a method that takes one message does not wait for a second", async () => {
    const fake = createFake([new Uint8Array(), new Uint8Array()]);
    const stream = fake.caller
      .method(findTarget("StreamCallbackService", "callbackChannel"), plainDialect)
      .open(oneThenSilence(), options);
    assert.equal((await textsOf(stream.messages)).length, 2);
    assert.equal(fake.sourceEnded, true);
    assert.deepEqual(fake.streamed, [Uint8Array.of(1)]);
  });

  for (const [service, name] of [
    ["ApiItemService", "name"],
    ["StreamCallbackService", "callbackChannel"],
  ] as const) {
    test(`of ${name} fails where no request message came`, async () => {
      const fake = createFake();
      const stream = fake.caller.method(findTarget(service, name), plainDialect).open(nothing(), options);
      await assert.rejects(
        textsOf(stream.messages),
        (error) => error instanceof ProxyError && error.reason === "malformed_request",
      );
      assert.deepEqual(fake.called, []);
    });
  }

  test("reports a reply that is no message of its type", async () => {
    const fake = createFake([Uint8Array.of(0x52, 200)]);
    const stream = fake.caller
      .method(findTarget("StreamCallbackService", "callbackChannel"), plainDialect)
      .open(oneThenSilence(), options);
    await assert.rejects(
      textsOf(stream.messages),
      (error) => error instanceof ProxyError && error.reason === "upstream_malformed",
    );
  });
});
