import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { ProxyError } from "../errors.ts";
import { parseJson } from "../transcode/json-parse.ts";
import type { JsonValue } from "../transcode/json-value.ts";
import { writeParams } from "./batch-params.ts";
import { compileParams, type Reference, resolveReference } from "./batch-reference.ts";

const parse = (text: string): JsonValue => parseJson(Buffer.from(text)) ?? null;

/** The params of the last of three calls, the first of which is "root" and answered with `reply`. */
function substitute(params: string, reply: string, maxChars = 1e6): string {
  const position = {
    index: 2,
    count: 4,
    indexOfId: new Map([
      ["root", 0],
      ["late", 3],
    ] as const),
  };
  const message = parse(reply);
  const template = compileParams(parse(params), position, () => undefined);
  return writeParams(template, (reference) => resolveReference(reference, message), maxChars);
}

suite("references in params", () => {
  const reply =
    '{"result":{"handle":"18446744073709551615","type":"ApiNode"},"list":[{"a":[1,2.50,-0]},null],"n":12345678901234567890,"off":false}';
  for (const [name, params, expected] of [
    ["a value", '{"h":"$root.result.handle"}', '{"h":"18446744073709551615"}'],
    ["by index", '{"h":"$0.result.handle"}', '{"h":"18446744073709551615"}'],
    ["a message", '[["$root.result"]]', '[[{"handle":"18446744073709551615","type":"ApiNode"}]]'],
    ["as the whole of params", '"$0.result.type"', '"ApiNode"'],
    ["a list's element in brackets", '["$root.list[0].a[1]"]', "[2.5]"],
    ["a list's element after a dot", '["$root.list.0.a.0"]', "[1]"],
    ["every digit of a number", '{"n":"$0.n"}', '{"n":12345678901234567890}'],
    ["minus zero", '["$0.list[0].a[2]"]', "[-0]"],
    ["a value at its default", '["$0.off"]', "[false]"],
    ["two dollars for one", '["$$root.result","$$","$$$0"]', '["$root.result","$","$$0"]'],
    ["a dollar that is not first", '["US$ 5","a$0"]', '["US$ 5","a$0"]'],
    [
      "keys as they are, twice where given twice",
      '{"$0":1,"$0":2,"__proto__":"$0.off"}',
      '{"$0":1,"$0":2,"__proto__":false}',
    ],
    [
      "numbers as they came",
      "[9007199254740993,1e400,-0,0.1,true,null]",
      "[9007199254740993,1e400,-0,0.1,true,null]",
    ],
  ] as const) {
    test(`take ${name}`, () => assert.equal(substitute(params, reply), expected));
  }

  for (const [name, params, reason, field, message] of [
    ["no such id", '{"a":{"b":["$rot.result"]}}', "invalid_field", "a.b[0]", /id "rot", which no call has/],
    ["an index past the end", '{"a":"$7"}', "invalid_field", "a", /the last one is 3/],
    ["itself", '{"a":"$2.x"}', "invalid_field", "a", /not before this one/],
    ["a later call by id", '{"a":"$late"}', "invalid_field", "a", /call 3, which is not before/],
    ["nothing", '{"a":"$"}', "invalid_field", "a", /expected a reference such as/],
    ["a price", '{"a":"$ 5.00"}', "invalid_field", "a", /"\$\$" for a literal/],
    ["a broken path", '{"a":"$root..x"}', "invalid_field", "a", /expected a reference/],
    ["an open bracket", '{"a":"$root.list[0"}', "invalid_field", "a", /expected a reference/],
    [
      "a name that the reply lacks",
      '{"a":"$root.result.name"}',
      "failed_dependency",
      "a",
      /the reply.result has no "name" \(there are: handle, type\)/,
    ],
    ["a path into a text", '{"a":"$root.result.handle.x"}', "failed_dependency", "a", /has no "x"/],
    ["an index past a list", '{"a":"$root.list[9]"}', "failed_dependency", "a", /a list of 2/],
    ["what is unset", '{"a":"$root.list[1]"}', "failed_dependency", "a", /"1" is unset in the reply.list/],
    ["what objects inherit", '{"a":"$root.constructor"}', "failed_dependency", "a", /has no "constructor"/],
  ] as const) {
    test(`are refused for ${name}`, () => {
      assert.throws(
        () => substitute(params, reply),
        (error) => {
          assert.ok(error instanceof ProxyError);
          assert.deepEqual([error.reason, error.field], [reason, field]);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  test("are refused where they make the message too long", () => {
    const refersOften = JSON.stringify(Array.from({ length: 50 }, () => "$root"));
    assert.throws(() => substitute(refersOften, reply, 1000), { reason: "body_too_large" });
  });

  test("put the value and nothing else in their place, whatever is around them", () => {
    fc.assert(
      fc.property(fc.array(replyPart, { maxLength: 4 }), paramsArbitrary, (parts, params) => {
        const replyText = `{"parts":[${parts.map(({ text }) => text).join(",")}]}`;
        const expected = textOf(params, {
          place: (place) => parts[place % parts.length]?.text ?? "null",
          text: (text) => text,
        });
        const given = textOf(params, {
          place(place) {
            if (parts.length === 0) return "null";
            const index = place % parts.length;
            const head = place % 2 === 0 ? "$root" : "$0";
            return JSON.stringify(place % 3 === 0 ? `${head}.parts[${index}]` : `${head}.parts.${index}`);
          },
          text: (text) => (text.startsWith("$") ? `$${text}` : text),
        });
        assert.equal(substitute(given, replyText), expected);
      }),
      { numRuns: 500, seed: 20261123 },
    );
  });

  test("are told of, each with its call and place", () => {
    const found: Reference[] = [];
    const position = { index: 2, count: 3, indexOfId: new Map([["root", 1]]) };
    compileParams(parse('{"a":["$root.x"],"b":{"c":"$0"}}'), position, (reference) => found.push(reference));
    assert.deepEqual(
      found.map(({ index, path, field }) => [index, path, field]),
      [
        [1, ["x"], "a[0]"],
        [0, [], "b.c"],
      ],
    );
  });
});

type Params =
  | null
  | boolean
  | bigint
  | string
  | Place
  | readonly Params[]
  | { readonly members: readonly (readonly [string, Params])[] };
/** Where a reference goes; the number says which and how it is written. */
class Place {
  readonly place: number;
  constructor(place: number) {
    this.place = place;
  }
}

/** Parts of a reply as text: no null, which no reference may take. */
const replyPart = fc
  .oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n }).map(String),
    fc.boolean().map(String),
    fc.string().map((text) => JSON.stringify(text)),
    fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n })).map((list) => `[${list.join(",")}]`),
    fc.string().map((key) => `{${JSON.stringify(key)}:{"handle":"18446744073709551615"}}`),
  )
  .map((text) => ({ text }));

const { value: paramsArbitrary } = fc.letrec<{ value: Params }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n }),
      fc.string(),
      fc.string().map((text) => `$${text}`),
      fc.nat(1000).map((place) => new Place(place)),
    ),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(fc.string(), tie("value")), { maxLength: 4 }).map((members) => ({ members })),
  ),
}));

interface Writer {
  place(place: number): string;
  /** A string value as it is written. */
  text(text: string): string;
}

function textOf(value: Params, writer: Writer): string {
  if (value instanceof Place) return writer.place(value.place);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string") return JSON.stringify(writer.text(value));
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (!("members" in value)) return `[${value.map((each) => textOf(each, writer)).join(",")}]`;
  const members = value.members.map(([key, each]) => `${JSON.stringify(key)}:${textOf(each, writer)}`);
  return `{${members.join(",")}}`;
}
