import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findCandidates, formatAddress, isLoopback, parseAddress } from "./candidates.ts";

describe("an address of Octane", () => {
  const cases: readonly [text: string, formatted: string][] = [
    ["127.0.0.1:51022", "127.0.0.1:51022"],
    ["render.example:7", "render.example:7"],
    ["localhost", "localhost:51022"],
    ["[::1]:9", "[::1]:9"],
    ["[::1]", "[::1]:51022"],
    ["::1", "[::1]:51022"],
    ["fe80::1", "[fe80::1]:51022"],
    [" 10.0.0.1:65535 ", "10.0.0.1:65535"],
  ];
  for (const [text, formatted] of cases) {
    test(`${JSON.stringify(text)} is read as ${formatted}`, () => {
      assert.equal(formatAddress(parseAddress(text)), formatted);
    });
  }
  for (const text of [
    "",
    ":51022",
    "a:0",
    "a:65536",
    "a:x",
    "a:",
    "[::1",
    "[zz]:1",
    "http://a:1",
    "a b:1",
    "a/b",
  ]) {
    test(`${JSON.stringify(text)} is refused with what is expected`, () => {
      assert.throws(() => parseAddress(text), /expected "host:port" of Octane/);
    });
  }
});

describe("the candidates", () => {
  const resolves = async () => true;
  test("are the given address alone", async () => {
    assert.deepEqual(await findCandidates({ octane: "box", inContainer: true, resolves }), ["box:51022"]);
  });
  test("are this machine outside containers", async () => {
    assert.deepEqual(await findCandidates({ inContainer: false, resolves }), ["127.0.0.1:51022"]);
  });
  test("end with the container's host where it resolves", async () => {
    const expected = ["127.0.0.1:51022", "host.docker.internal:51022"];
    assert.deepEqual(await findCandidates({ inContainer: true, resolves }), expected);
    assert.deepEqual(await findCandidates({ inContainer: true, resolves: async () => false }), [
      "127.0.0.1:51022",
    ]);
  });
  test("know loopback from the rest", () => {
    assert.deepEqual(["127.9.0.1", "::1", "LocalHost"].map(isLoopback), [true, true, true]);
    assert.deepEqual(["127.0.0.1.evil", "128.0.0.1", "::2"].map(isLoopback), [false, false, false]);
  });
});
