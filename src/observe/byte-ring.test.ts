import assert from "node:assert/strict";
import { test } from "node:test";
import { createByteRing } from "./byte-ring.ts";

const text = (bytes: Buffer | undefined) => bytes?.toString("latin1");

test("pieces can be read back until newer ones take their room", () => {
  const ring = createByteRing(10);
  const [first, second] = [ring.write(Buffer.from("abcd")), ring.write(Buffer.from("efghij"))];
  assert.equal(text(ring.read(first, 4)), "abcd");
  assert.equal(text(ring.read(second, 6)), "efghij");
  ring.write(Buffer.from("k"));
  assert.equal(ring.read(first, 4), undefined);
  assert.equal(text(ring.read(second, 6)), "efghij");
});

test("a piece may lie over the end", () => {
  const ring = createByteRing(10);
  ring.write(Buffer.from("abcdefgh"));
  const place = ring.write(Buffer.from("12345"));
  assert.equal(text(ring.read(place, 5)), "12345");
});

test("a text is a piece of its characters, wherever it comes to lie", () => {
  const ring = createByteRing(10);
  const places = ["abcd", "é\u00ff", "12345", "", "6"].map((piece) => ring.writeText(piece));
  assert.equal(ring.read(places[0] ?? 0, 4), undefined);
  assert.deepEqual(ring.read(places[1] ?? 0, 2), Buffer.from([0xe9, 0xff]));
  assert.equal(text(ring.read(places[2] ?? 0, 5)), "12345");
  assert.equal(text(ring.read(places[3] ?? 0, 0)), "");
  assert.equal(text(ring.read(places[4] ?? 0, 1)), "6");
  assert.equal(ring.read(ring.writeText("longer than the ring"), 20), undefined);
});

test("what is read is a copy, and so is what was written", () => {
  const ring = createByteRing(10);
  const source = Buffer.from("abc");
  const place = ring.write(source);
  source.fill("x");
  const read = ring.read(place, 3);
  ring.write(Buffer.from("0123456789"));
  assert.equal(text(read), "abc");
});

test("a piece without bytes can always be read; one that is too large never, and it pushes all others out", () => {
  const ring = createByteRing(4);
  const empty = ring.write(Buffer.alloc(0));
  const small = ring.write(Buffer.from("ab"));
  const large = ring.write(Buffer.from("abcdefgh"));
  assert.equal(text(ring.read(empty, 0)), "");
  assert.equal(ring.read(small, 2), undefined);
  assert.equal(ring.read(large, 8), undefined);
});
