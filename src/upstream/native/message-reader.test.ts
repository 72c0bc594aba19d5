import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { message } from "../../../test/raw-http2-server.ts";
import { maxReceiveBytes } from "../channel.ts";
import { HeldBytes } from "./held-bytes.ts";
import { inflate } from "./inflate.ts";
import { MessageFault, MessageReader } from "./message-reader.ts";

function readAll(reader: MessageReader, bytes: Buffer, pieceBytes: number): Buffer[] {
  const messages: Buffer[] = [];
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    const piece = bytes.subarray(from, from + pieceBytes);
    let at = 0;
    while (at < piece.length) {
      at = reader.read(piece, at, piece.length);
      if (reader.message !== undefined) messages.push(reader.message);
    }
  }
  return messages;
}

describe("messages", () => {
  const bodies = ["", "a", "b".repeat(3000), "", "c".repeat(300_000)].map((text) => Buffer.from(text));
  const wire = Buffer.concat(bodies.map((body) => message(body)));
  for (const pieceBytes of [1, 4, 5, 6, 16_384, wire.length]) {
    test(`are put together from pieces of ${pieceBytes} bytes`, () => {
      const reader = new MessageReader();
      assert.deepEqual(readAll(reader, wire, pieceBytes), bodies);
      assert.equal(reader.isPartial, false);
    });
  }

  test("of a length that was only announced take no memory", () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 20 }, () => new MessageReader());
    const head = Buffer.from([0, 0x0f, 0xff, 0xff, 0xff, 1, 2, 3]);
    for (const reader of readers) reader.read(head, 0, head.length);
    const taken = process.memoryUsage().arrayBuffers - before;
    assert.ok(taken <= 20 * 17 * 1024 * 1024, `${taken} bytes for 20 messages of 256 MiB`);
  });

  test("above the room that a length is trusted for arrive whole", () => {
    const body = Buffer.alloc(40 * 1024 * 1024, 7);
    body.writeUInt32BE(0xdeadbeef, body.length - 4);
    const [read] = readAll(new MessageReader(), message(body), 1024 * 1024);
    assert.ok(read?.equals(body));
  });

  test("that are large lie in the memory that the caller gives", () => {
    const given = Buffer.alloc(600_000);
    const asked: number[] = [];
    const reader = new MessageReader((byteLength) => {
      asked.push(byteLength);
      return given;
    });
    const large = Buffer.alloc(500_000, 3);
    const [small, read] = readAll(reader, Buffer.concat([message("small"), message(large)]), 7000);
    assert.deepEqual(asked, [500_000]);
    assert.equal(small?.toString(), "small");
    assert.ok(read?.equals(large) && read.buffer === given.buffer);
  });

  test("above the limit are refused by their length alone", () => {
    const head = Buffer.from([0, 0x10, 0, 0, 1]);
    assert.throws(
      () => new MessageReader().read(head, 0, 5),
      (error) =>
        error instanceof MessageFault && error.status.code === 8 && /larger than max/.test(error.message),
    );
  });
});

test("a message that swells beyond the limit is refused", async () => {
  const bomb = gzipSync(Buffer.alloc(maxReceiveBytes + 1));
  assert.ok(bomb.length < 1_000_000);
  await assert.rejects(
    inflate(bomb, "gzip"),
    (error) =>
      error instanceof MessageFault && error.status.code === 8 && /larger than max/.test(error.message),
  );
});

test("held bytes come out as they went in, whatever is taken at a time", () => {
  const held = new HeldBytes();
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 251));
  const taken: Buffer[] = [];
  let at = 0;
  for (const size of [1, 70_000, 3, 129_996]) {
    held.append(bytes, at, at + size);
    at += size;
    held.take((block, start, end) => {
      const stop = Math.min(end, start + 50_000);
      taken.push(Buffer.from(block.subarray(start, stop)));
      return stop;
    });
  }
  while (!held.isEmpty) {
    held.take((block, start, end) => {
      taken.push(Buffer.from(block.subarray(start, end)));
      return end;
    });
  }
  assert.ok(Buffer.concat(taken).equals(bytes));
});
