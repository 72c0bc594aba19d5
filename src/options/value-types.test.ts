import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as types from "./value-types.ts";

const portType = types.integerType(0, 65535, "a port");
const sizeType = types.sizeType(1024 ** 3);

const cases: [name: string, type: types.ValueType<unknown>, text: string, value: unknown][] = [
  ["a port", portType, "51023", 51023],
  ["port 0", portType, "0", 0],
  ["a port with blanks", portType, " 80 ", 80],
  ["a port too large", portType, "65536", undefined],
  ["a negative port", portType, "-1", undefined],
  ["a fraction as port", portType, "80.5", undefined],
  ["hexadecimal as port", portType, "0x50", undefined],
  ["an empty port", portType, "", undefined],
  ["seconds", types.durationType, "30s", 30_000],
  ["milliseconds", types.durationType, "500ms", 500],
  ["minutes", types.durationType, "2m", 120_000],
  ["a fraction of a second", types.durationType, "1.5s", 1500],
  ["capital letters in a duration", types.durationType, "2 MIN", 120_000],
  ["a duration without a unit", types.durationType, "30", undefined],
  ["no time", types.durationType, "0s", undefined],
  ["more than a day", types.durationType, "25h", undefined],
  ["an unknown unit of time", types.durationType, "3d", undefined],
  ["megabytes", sizeType, "32mb", 33_554_432],
  ["a gigabyte", sizeType, "1gb", 1_073_741_824],
  ["mebibytes in capitals", sizeType, "2 MiB", 2_097_152],
  ["plain bytes", sizeType, "1000", 1000],
  ["a size above the bound", sizeType, "2gb", undefined],
  ["a size of nothing", sizeType, "0", undefined],
  ["a size with a wrong unit", sizeType, "3 frames", undefined],
  ["a negative size", sizeType, "-5mb", undefined],
  ["true", types.booleanType, "TRUE", true],
  ["off", types.booleanType, "off", false],
  ["no boolean", types.booleanType, "maybe", undefined],
  ["a rate", types.rateType(1000), "29.97", 29.97],
  ["a rate of nothing", types.rateType(1000), "0", undefined],
  ["a lone point as rate", types.rateType(1000), ".", undefined],
  ["a choice", types.choiceType(["json", "pretty"]), "json", "json"],
  ["a choice in capitals", types.choiceType(["json", "pretty"]), "JSON", undefined],
  ["a name of Object.prototype as choice", types.choiceType(["json"]), "constructor", undefined],
  ["an address", types.octaneAddressType, "127.0.0.1:51022", "127.0.0.1:51022"],
  ["a host without port", types.octaneAddressType, "render-box", "render-box:51022"],
  ["an IPv6 address", types.octaneAddressType, "[::1]:50000", "[::1]:50000"],
  ["an address with a scheme", types.octaneAddressType, "http://render-box:51022", undefined],
  ["a port alone as address", types.octaneAddressType, "51022", undefined],
  ["an address with port 0", types.octaneAddressType, "localhost:0", undefined],
  ["an IPv4 address cut short", types.octaneAddressType, "192.168.1:51022", undefined],
  ["an origin", types.originType, "https://app.example", "https://app.example"],
  ["an origin in capitals with a slash", types.originType, "HTTPS://App.example/", "https://app.example"],
  ["an origin with its default port", types.originType, "https://app.example:443", "https://app.example"],
  ["the null origin", types.originType, "null", "null"],
  ["a desktop shell's origin", types.originType, "tauri://localhost", "tauri://localhost"],
  ["an origin with a path", types.originType, "https://app.example/page", undefined],
  ["a star", types.originType, "*", undefined],
  ["a wildcard origin", types.originType, "https://*.example", undefined],
  ["a host name as origin", types.originType, "app.example", undefined],
  ["an origin with a user", types.originType, "https://me@app.example", undefined],
  ["a host name", types.hostNameType, "Render-Box", "render-box"],
  ["a host name with port", types.hostNameType, "render-box:80", undefined],
  ["a bracketed IPv6 host", types.hostNameType, "[::1]", "::1"],
  ["a bare IPv6 host", types.hostNameType, "2001:DB8::1", "2001:db8::1"],
  ["an IPv6 host with a zone", types.hostNameType, "fe80::1%eth0", undefined],
  ["a listening address", types.listenHostType, "0.0.0.0", "0.0.0.0"],
  ["a listening address with port", types.listenHostType, "0.0.0.0:80", undefined],
  ["a token", types.tokenType, "s3cret+/=", "s3cret+/="],
  ["a token with a blank", types.tokenType, "two words", undefined],
  ["an empty token", types.tokenType, "", undefined],
  ["a path", types.pathType("a file"), "./a b", "./a b"],
  ["a path with a zero byte", types.pathType("a file"), "a\0b", undefined],
];

describe("the text of an option", () => {
  for (const [name, type, text, value] of cases) {
    test(`${name} ${value === undefined ? "is refused" : "is understood"}`, () => {
      assert.deepEqual(type.read(text), value);
    });
  }
  test("a film size is width by height", () => {
    assert.deepEqual(types.filmSizeType.read("1920x1080"), [1920, 1080]);
    assert.equal(types.filmSizeType.read("1920"), undefined);
    assert.equal(types.filmSizeType.read("0x0"), undefined);
  });
});

describe("the value of an option from code", () => {
  const values: [name: string, type: types.ValueType<unknown>, given: unknown, taken: unknown][] = [
    ["a number", portType, 80, 80],
    ["a text where a number belongs", portType, "80", undefined],
    ["NaN", portType, Number.NaN, undefined],
    ["infinity", types.rateType(10), Number.POSITIVE_INFINITY, undefined],
    ["a text where a boolean belongs", types.booleanType, "true", undefined],
    ["milliseconds", types.durationType, 250, 250],
    ["a fraction of a millisecond", types.durationType, 0.5, undefined],
    ["an origin in normal form", types.originType, "http://Box:80/", "http://box"],
    ["a size pair", types.filmSizeType, [64, 32], [64, 32]],
    ["three edges", types.filmSizeType, [64, 32, 1], undefined],
  ];
  for (const [name, type, given, taken] of values) {
    test(`${name} ${taken === undefined ? "is refused" : "is taken"}`, () => {
      assert.deepEqual(type.take(given), taken);
    });
  }
});

test("durations and sizes are written as they are read", () => {
  for (const text of ["30s", "500ms", "2m"]) {
    assert.equal(types.durationType.write(types.durationType.read(text) ?? 0), text);
  }
  for (const text of ["32mb", "1gb", "1000"]) assert.equal(sizeType.write(sizeType.read(text) ?? 0), text);
});
