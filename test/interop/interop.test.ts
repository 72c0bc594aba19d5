import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ProxyError } from "../../src/errors.ts";
import { silentLogger } from "../../src/observe/logger.ts";
import { createUpstream, transports } from "../../src/upstream/create-upstream.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import { collect, from, isReason } from "../upstream-fixture.ts";
import { type InteropServer, serverNames, startServer } from "./servers.ts";

const call = { timeoutMs: 15_000 };

/** gRPC's own interop cases (doc/interop-test-descriptions.md), with sizes as text where those have messages. */
for (const serverName of serverNames) {
  describe(`with a server on ${serverName}`, () => {
    let server: InteropServer;
    before(async () => {
      server = await startServer(serverName);
    });
    after(() => server.stop());

    for (const transport of transports) {
      describe(`the client ${transport} does`, () => {
        let upstream: Upstream;
        before(async () => {
          upstream = createUpstream({
            transport,
            candidates: [`127.0.0.1:${server.port}`],
            logger: silentLogger,
          });
          await upstream.ready(AbortSignal.timeout(10_000));
        });
        after(() => upstream.close());

        const unary = (method: string, wire: string | Buffer, options = {}) =>
          upstream.unary(`/interop.Test/${method}`, Buffer.from(wire as string), { ...call, ...options });
        const stream = (method: string, requests: AsyncIterable<Uint8Array>, options = {}) =>
          upstream.stream(`/interop.Test/${method}`, requests, { ...call, ...options });
        const failsWith = (code: string, message: string | RegExp) => (error: unknown) => {
          assert.ok(error instanceof ProxyError, String(error));
          assert.equal(`${error.reason} ${error.code}`, `upstream_status ${code}`);
          if (typeof message === "string") assert.equal(error.message, message);
          else assert.match(error.message, message);
          return true;
        };

        test("empty_unary", async () => {
          assert.equal((await unary("Empty", "")).wire.length, 0);
        });

        test("large_unary", async () => {
          const { wire } = await unary("Sized", `314159 ${"x".repeat(271828)}`);
          assert.equal(wire.length, 314_159);
          const large = await unary("Sized", `20000000 ${"x".repeat(3_000_000)}`);
          assert.equal(large.wire.length, 20_000_000);
        });

        test("client_streaming", async () => {
          const requests = [27182, 8, 1828, 45904].map((size) => Buffer.alloc(size));
          assert.deepEqual(await collect(stream("Sum", from(...requests)).messages), ["74922"]);
        });

        test("server_streaming", async () => {
          const messages = await collect(stream("Sizes", from("31415,9,2653,58979")).messages);
          assert.deepEqual(
            messages.map(({ length }) => length),
            [31415, 9, 2653, 58979],
          );
        });

        test("ping_pong", async () => {
          const sizes = [31415, 9, 2653, 58979];
          let next: (value: string | undefined) => void = () => {};
          async function* requests() {
            for (;;) {
              const text = await new Promise<string | undefined>((resolve) => {
                next = resolve;
              });
              if (text === undefined) return;
              yield Buffer.from(text);
            }
          }
          const heard: number[] = [];
          const ask = () => setImmediate(() => next(sizes[heard.length]?.toString()));
          const { messages } = stream("PingPong", requests());
          ask();
          for await (const message of messages) {
            heard.push(message.length);
            ask();
          }
          assert.deepEqual(heard, sizes);
        });

        test("empty_stream", async () => {
          const { messages, trailers } = stream("PingPong", from());
          assert.deepEqual(await collect(messages), []);
          await trailers;
        });

        test("cancel_after_begin", async () => {
          const leaving = new AbortController();
          const { messages, trailers } = stream("Sum", never(), { signal: leaving.signal });
          setImmediate(() => leaving.abort());
          await assert.rejects(collect(messages), isReason("client_gone"));
          await assert.rejects(trailers, isReason("client_gone"));
        });

        test("cancel_after_first_response", async () => {
          const leaving = new AbortController();
          async function* requests() {
            yield Buffer.from("31415");
            yield* never();
          }
          const { messages } = stream("PingPong", requests(), { signal: leaving.signal });
          const reader = messages[Symbol.asyncIterator]();
          assert.equal((await reader.next()).value?.length, 31415);
          leaving.abort();
          await assert.rejects(reader.next(), isReason("client_gone"));
        });

        test("timeout_on_sleeping_server", async () => {
          await assert.rejects(
            collect(stream("Sleep", from("1"), { timeoutMs: 100 }).messages),
            isReason("deadline_exceeded"),
          );
        });

        test("status_code_and_message", async () => {
          const failed = failsWith("UNKNOWN", "test status message");
          await assert.rejects(unary("Fail", "2 test status message"), failed);
          await assert.rejects(collect(stream("FailStream", from("2 test status message")).messages), failed);
        });

        test("special_status_message", async () => {
          const message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
          await assert.rejects(unary("Fail", `5 ${message}`), failsWith("NOT_FOUND", message));
        });

        test("unimplemented_method and unimplemented_service", async () => {
          await assert.rejects(unary("None", ""), failsWith("UNIMPLEMENTED", /./));
          const elsewhere = upstream.unary("/interop.None/Empty", Buffer.alloc(0), call);
          await assert.rejects(elsewhere, failsWith("UNIMPLEMENTED", /./));
        });

        test("custom_metadata", async () => {
          const bytes = Buffer.from([0xab, 0xab, 0xab, 0, 255]).toString("base64");
          const metadata = new Map([
            ["x-octane-initial", ["test_initial_metadata_value"]],
            ["x-octane-trailing-bin", [bytes]],
          ]);
          const { headers, trailers } = await unary("Metadata", "", { metadata });
          assert.deepEqual(headers.get("x-octane-initial"), ["test_initial_metadata_value"]);
          assert.deepEqual(trailers.get("x-octane-trailing-bin"), [bytes]);
        });

        test("many concurrent calls and streams", async () => {
          const sizes = Array.from({ length: 300 }, (_, i) => 37 * i);
          const asked = sizes.map(async (size) => (await unary("Sized", `${size} `)).wire.length);
          const streamed = sizes.slice(0, 40).map(async (size) => {
            const messages = await collect(stream("Sizes", from(`${size},${size}`)).messages);
            return messages.map(({ length }) => length);
          });
          assert.deepEqual(await Promise.all(asked), sizes);
          assert.deepEqual(
            await Promise.all(streamed),
            sizes.slice(0, 40).map((size) => [size, size]),
          );
        });

        if (serverName === "grpcio") {
          test("server_compressed_unary", async () => {
            const { wire, headers } = await unary("Packed", "");
            assert.equal(Buffer.from(wire).toString(), "squeeze me ".repeat(10_000));
            assert.ok(headers instanceof Map);
          });
        }
      });
    }
  });
}

async function* never(): AsyncGenerator<Uint8Array> {
  await new Promise(() => {});
}
