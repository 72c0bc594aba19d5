import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeBase64Body } from "./grpc-web-text.ts";
import { type Frame, frameHead, readFrames } from "./message-framing.ts";

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const sizes = fc
  .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 8 })
  .filter((all) => all.some((size) => size > 0));
const messages = fc.array(
  fc.record({ flags: fc.integer({ min: 0, max: 255 }), data: fc.uint8Array({ maxLength: 40 }) }),
  { maxLength: 6 },
);

function join(frames: readonly { flags: number; data: Uint8Array }[]): Buffer {
  return Buffer.concat(frames.flatMap(({ flags, data }) => [frameHead(flags, data.length), data]));
}

test("frames are the same however the body is cut", async () => {
  await fc.assert(
    fc.asyncProperty(messages, sizes, async (frames, cuts) => {
      const read: Frame[] = await collect(readFrames(cut(join(frames), cuts), 40, 0xff));
      assert.deepEqual(
        read.map(({ flags, data }) => [flags, [...data]]),
        frames.map(({ flags, data }) => [flags, [...data]]),
      );
    }),
  );
});

test("a body that ends inside a frame is refused, after the frames before it", async () => {
  const body = join([
    { flags: 0, data: Buffer.from("abc") },
    { flags: 0, data: Buffer.from("def") },
  ]);
  for (const end of [1, 5, 7, 9, 14]) {
    const frames = readFrames(cut(body.subarray(0, end), [3]), 10, 1);
    await assert.rejects(collect(frames), { reason: "malformed_request" });
  }
});

test("a frame that announces too much is refused before its bytes come", async () => {
  async function* endless(): AsyncGenerator<Buffer> {
    yield frameHead(0, 11);
    assert.fail("nothing more is read");
  }
  await assert.rejects(collect(readFrames(endless(), 10, 1)), { reason: "body_too_large" });
});

test("what is no frame is told by its first byte, before a length is made of the next", async (t) => {
  const cases: [string, Buffer, RegExp][] = [
    ["JSON", Buffer.from('{"a_string":"A"}'), /first byte is 0 or 1, got 0x7b; bare JSON/],
    ["less than a head", Buffer.from("{}"), /got 0x7b/],
    ["another protocol's last frame", frameHead(0x80, 0), /got 0x80$/],
    ["a reserved bit", frameHead(0x05, 3), /got 0x05$/],
    ["garbage behind a frame", Buffer.concat([frameHead(0, 0), Buffer.from("\xff")]), /got 0xc3/],
  ];
  for (const [name, body, message] of cases) {
    await t.test(name, async () => {
      await assert.rejects(collect(readFrames(cut(body, [1]), 10, 1 | 2)), {
        reason: "malformed_request",
        message,
      });
    });
  }
});

test("leaving early leaves the body", async () => {
  let isLeft = false;
  async function* body(): AsyncGenerator<Buffer> {
    try {
      yield join([
        { flags: 0, data: Buffer.from("a") },
        { flags: 0, data: Buffer.from("b") },
      ]);
      yield frameHead(0, 1);
    } finally {
      isLeft = true;
    }
  }
  for await (const { data } of readFrames(body(), 10, 1)) {
    assert.equal(data.toString(), "a");
    break;
  }
  assert.ok(isLeft);
});

test("base64 in padded parts is the same bytes however it is cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 10 }), { maxLength: 6 }),
      sizes,
      async (parts, cuts) => {
        const text = Buffer.from(parts.map((part) => Buffer.from(part).toString("base64")).join(""));
        const decoded = Buffer.concat(await collect(decodeBase64Body(cut(text, cuts))));
        assert.deepEqual(
          [...decoded],
          parts.flatMap((part) => [...part]),
        );
      },
    ),
  );
});

test("what is no base64 in groups of four is refused", async () => {
  for (const text of ["A", "AA", "AAA", "A===", "====", "AA=A", "AAA*", "AA-_", "AAAA\n"]) {
    await assert.rejects(
      collect(decodeBase64Body(cut(Buffer.from(text), [2]))),
      { reason: "malformed_request" },
      text,
    );
  }
});
