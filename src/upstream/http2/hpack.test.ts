import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HeaderDecoder } from "./header-decoder.ts";
import { encodeField, encodeRequestLine } from "./header-encoder.ts";
import { decodeHuffman } from "./huffman.ts";
import { ConnectionFault } from "./protocol.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");

/** Names and values joined as they are read in the RFC. */
function decode(decoder: HeaderDecoder, hex: string): string[] {
  const block = bytes(hex);
  const fields = decoder.decode(block, 0, block.length);
  assert.ok(fields !== undefined);
  return fields.flatMap((text, i) => (i % 2 === 0 ? [`${text}: ${fields[i + 1]}`] : []));
}

const date1 = "date: Mon, 21 Oct 2013 20:13:21 GMT";
const date2 = "date: Mon, 21 Oct 2013 20:13:22 GMT";
const location = "location: https://www.example.com";
const cookie = "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";

describe("the examples of RFC 7541 are read as it says", () => {
  test("C.5: replies, plain text, with eviction", () => {
    const decoder = new HeaderDecoder(256, 65_536);
    const private302 = [":status: 302", "cache-control: private", date1, location];
    assert.deepEqual(
      decode(
        decoder,
        `4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133
         2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70
         6c65 2e63 6f6d`.replace(/\s/g, ""),
      ),
      private302,
    );
    assert.deepEqual(decode(decoder, "4803 3330 37c1 c0bf"), [
      ":status: 307",
      "cache-control: private",
      date1,
      location,
    ]);
    assert.deepEqual(
      decode(
        decoder,
        `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d
         54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049
         5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e
         3d31`.replace(/\s/g, ""),
      ),
      [":status: 200", "cache-control: private", date2, location, "content-encoding: gzip", cookie],
    );
  });

  test("C.6: replies, Huffman-coded, with eviction", () => {
    const decoder = new HeaderDecoder(256, 65_536);
    assert.deepEqual(
      decode(
        decoder,
        `4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6
         2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3`.replace(/\s/g, ""),
      ),
      [":status: 302", "cache-control: private", date1, location],
    );
    assert.deepEqual(decode(decoder, "4883 640e ffc1 c0bf"), [
      ":status: 307",
      "cache-control: private",
      date1,
      location,
    ]);
    assert.deepEqual(
      decode(
        decoder,
        `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab
         77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f
         9587 3160 65c0 03ed 4ee5 b106 3d50 07`.replace(/\s/g, ""),
      ),
      [":status: 200", "cache-control: private", date2, location, "content-encoding: gzip", cookie],
    );
  });
});

describe("a header block", () => {
  test("without a dynamic table means the same each time it comes", () => {
    const decoder = new HeaderDecoder(0, 65_536);
    const block = bytes("20 88 0f10 03 61 62 63");
    const first = decoder.decode(block, 0, block.length);
    assert.deepEqual(first, [":status", "200", "content-type", "abc"]);
    assert.equal(decoder.decode(Buffer.from(block), 0, block.length), first);
    const other = bytes("20 88 0f10 03 61 62 64");
    assert.deepEqual(decoder.decode(other, 0, other.length), [":status", "200", "content-type", "abd"]);
  });

  test("is read beyond its bounds without being kept", () => {
    const decoder = new HeaderDecoder(0, 100);
    const block = Buffer.concat([encodeField("a", "b".repeat(200)), bytes("88")]);
    assert.equal(decoder.decode(block, 0, block.length), undefined);
    assert.deepEqual(decoder.decode(block, block.length - 1, block.length), [":status", "200"]);
  });

  test("of our own is read back as it was meant", () => {
    const long = "x".repeat(40_000);
    const block = Buffer.concat([
      encodeRequestLine("/a.B/c", "[::1]:7", true),
      encodeField("grpc-timeout", "1m"),
      encodeField("long", long),
      encodeField("edge", "y".repeat(127)),
    ]);
    assert.deepEqual(new HeaderDecoder(0, 65_536).decode(block, 0, block.length), [
      ...[":method", "POST", ":scheme", "https", ":path", "/a.B/c", ":authority", "[::1]:7"],
      ...["grpc-timeout", "1m", "long", long, "edge", "y".repeat(127)],
    ]);
  });

  const malformed: readonly (readonly [name: string, hex: string])[] = [
    ["index 0", "80"],
    ["an index that no table has", "be"],
    ["an index of an entry that did not fit the table", "40 01 61 01 62 be"],
    ["a text that ends after the block", "00 05 61"],
    ["an integer cut off", "ff 80"],
    ["an integer without an end", `ff ${"80 ".repeat(40)}`],
    ["a huge integer", "ff ff ff ff ff 7f"],
    ["a table above what was announced", "3f e1 1f 88"],
    ["a size update after a field", "88 20"],
    ["a name without a value", "00 01 61"],
  ];
  for (const [name, hex] of malformed) {
    test(`with ${name} is refused`, () => {
      const block = bytes(hex);
      assert.throws(
        () => new HeaderDecoder(0, 65_536).decode(block, 0, block.length),
        (error) => error instanceof ConnectionFault && error.code === 9,
      );
    });
  }
});

describe("Huffman-coded text", () => {
  for (const [name, hex] of [
    ["that holds the end of the string", "ff ff ff ff"],
    ["padded with zeros", "18"],
    ["padded with a whole byte", "1f ff"],
  ] as const) {
    test(`${name} is refused`, () => {
      const block = bytes(hex);
      assert.throws(
        () => decodeHuffman(block, 0, block.length),
        (error) => error instanceof ConnectionFault && error.code === 9,
      );
    });
  }

  test("padded with ones is read", () => {
    const block = bytes("1f");
    assert.equal(decodeHuffman(block, 0, 1), "a");
  });
});
