import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createGate, startHttp } from "../../test/http-fixture.ts";
import { ManualClock } from "../../test/render/manual-clock.ts";
import { until } from "../../test/render/render-server.ts";
import { post } from "../../test/streams/stream-parts.ts";
import { ProxyError } from "../errors.ts";
import type { JsonStream } from "../rpc/stream-call.ts";
import { formatEnvelopeError } from "./error-reply.ts";
import type { StreamFormat } from "./stream-accept.ts";
import { streamWritings } from "./stream-format.ts";
import { sendStream } from "./stream-reply.ts";

/** Serves one stream, whose messages come by hand, at `/stream`. */
async function serve(t: TestContext, format: StreamFormat) {
  const clock = new ManualClock();
  const messages = createGate<string | ProxyError>();
  const headers = createGate<Map<string, string[]>>();
  const begun = createGate<void>();
  const stream: JsonStream = {
    headers: headers.promise,
    trailers: Promise.resolve(new Map()),
    messages: (async function* () {
      const message = await messages.promise;
      if (message instanceof ProxyError) throw message;
      yield Buffer.from(message);
    })(),
  };
  const timing = { clock, openAfterMs: 2_000, heartbeatMs: 15_000 };
  const { server } = await startHttp(t, {
    routes: [
      {
        method: "POST",
        path: "/stream",
        async handle(context) {
          const sent = sendStream(context, stream, streamWritings[format], formatEnvelopeError, timing);
          begun.resolve();
          await sent;
        },
      },
    ],
  });
  const reply = post(`${server.url}/stream`, {});
  await begun.promise;
  return { clock, messages, headers, reply };
}

test("a silent stream opens after two seconds, and then beats in SSE until something comes", async (t) => {
  const { clock, messages, reply } = await serve(t, "sse");
  clock.advance(2_000);
  const { response } = await reply;
  assert.equal(response.statusCode, 200);
  const chunks = response.setEncoding("utf8")[Symbol.asyncIterator]();
  await until(() => clock.waiting > 0, "the heart is set up");
  clock.advance(15_000);
  assert.equal((await chunks.next()).value, ": still here\n\n");
  messages.resolve("{}");
  const rest = [];
  for await (const chunk of { [Symbol.asyncIterator]: () => chunks }) rest.push(chunk);
  assert.equal(rest.join(""), "data: {}\n\nevent: end\ndata: {}\n\n");
  assert.equal(clock.waiting, 0);
});

test("NDJSON has nothing that may be sent in silence", async (t) => {
  const { clock, messages, headers, reply } = await serve(t, "ndjson");
  headers.resolve(new Map([["x-octane-mood", ["glad"]]]));
  const { response } = await reply;
  assert.equal(response.headers["x-octane-mood"], "glad");
  clock.advance(60_000);
  messages.resolve("{}");
  assert.equal((await response.setEncoding("utf8").toArray()).join(""), '{"result":{}}\n{"end":{}}\n');
});

test("a failure before two seconds has its status, a later one is in-band", async (t) => {
  const failure = new ProxyError("upstream_unavailable", "gone");
  const early = await serve(t, "ndjson");
  early.messages.resolve(failure);
  assert.equal((await early.reply).response.statusCode, 503);
  const late = await serve(t, "ndjson");
  late.clock.advance(2_000);
  const { response } = await late.reply;
  late.messages.resolve(failure);
  const text = (await response.setEncoding("utf8").toArray()).join("");
  assert.equal(response.statusCode, 200);
  assert.equal(JSON.parse(text).error.code, "UNAVAILABLE");
});
