import fc from "fast-check";

/** One change to some bytes; positions are taken modulo their length. */
interface Mutation {
  readonly kind: number;
  readonly at: number;
  readonly span: number;
  readonly bytes: Uint8Array;
  readonly token: number;
}

/** What parsers of JSON, protobuf, HTTP and base64 stumble over. */
const tokens: readonly Buffer[] = [
  ...["{", "}", "[", "]", '"', ":", ",", "null", "true", "-0", "1e999", "NaN", "-9223372036854775809"],
  ...[
    "18446744073709551616",
    "0.1e-400",
    '"\\ud800"',
    '"\\u0000"',
    "\\",
    "//",
    "__proto__",
    '"constructor":1',
  ],
  ...[
    '"__proto__":{"a":1},',
    "$0.result",
    "$",
    "%00",
    "%2e%2e%2f",
    "%",
    "?",
    "&",
    "=",
    "\r\n",
    "\r\n\r\n",
    "\t",
  ],
  ...["\u2028", "é", "\u{1f4a5}", "@type", "[[[[[[[[", '{"a":{"a":{"a":'],
]
  .map((text) => Buffer.from(text))
  .concat(
    [
      [0xff],
      [0xc0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xef, 0xbb, 0xbf],
      [0x80],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
      [0x0a, 0xff, 0xff, 0xff, 0xff, 0x07],
      [0x0b, 0x0c],
      [0x00, 0x00, 0x00, 0x00, 0x05],
      [0x80, 0xff, 0xff, 0xff, 0xff],
    ].map((bytes) => Buffer.from(bytes)),
  );

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.nat(9),
  at: fc.nat(0xffff),
  span: fc.nat(24),
  bytes: fc.uint8Array({ maxLength: 6 }),
  token: fc.nat(tokens.length - 1),
});

/** An index into something to start from, and changes to it: usually few, sometimes none. */
export interface Seeded {
  readonly index: number;
  readonly mutations: readonly Mutation[];
  /** Now and then bytes of no shape at all take the place of everything. */
  readonly noise: Uint8Array | undefined;
}

export const seeded: fc.Arbitrary<Seeded> = fc.record({
  index: fc.nat(0xffff),
  mutations: fc.oneof(
    { weight: 3, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(mutation, { maxLength: 5 }) },
  ),
  noise: fc.oneof(
    { weight: 19, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  ),
});

/** The seed that was chosen, changed. */
export function grow({ index, mutations, noise }: Seeded, corpus: readonly Buffer[]): Buffer {
  if (noise !== undefined) return Buffer.from(noise);
  return mutations.reduce(mutate, corpus[index % corpus.length] ?? Buffer.alloc(0));
}

function mutate(bytes: Buffer, { kind, at, span, bytes: random, token }: Mutation): Buffer {
  const start = bytes.length === 0 ? 0 : at % bytes.length;
  const end = Math.min(bytes.length, start + span);
  const before = bytes.subarray(0, start);
  switch (kind) {
    case 0: {
      const changed = Buffer.from(bytes);
      if (changed.length > 0) changed[start] = (changed[start] ?? 0) ^ (1 << (span % 8));
      return changed;
    }
    case 1:
      return Buffer.concat([before, random, bytes.subarray(start)]);
    case 2:
      return Buffer.concat([before, bytes.subarray(end)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
    case 4:
      return before;
    case 5:
      return Buffer.concat([before, tokens[token] ?? random, bytes.subarray(start)]);
    case 6:
      return Buffer.concat([before, tokens[token] ?? random, bytes.subarray(end)]);
    default:
      return swapValue(bytes, start, token);
  }
}

/** The JSON value at a place, or the next after it, becomes another: what is well-formed stays well-formed. */
function swapValue(bytes: Buffer, start: number, token: number): Buffer {
  const text = bytes.toString("latin1");
  const pattern = /"(?:[^"\\]|\\.)*"(?!\s*:)|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|true|false|null/g;
  pattern.lastIndex = start;
  const found = pattern.exec(text) ?? pattern.exec(text);
  if (found === null) return bytes;
  const value = values[token % values.length] ?? "null";
  return Buffer.from(
    text.slice(0, found.index) + value + text.slice(found.index + found[0].length),
    "latin1",
  );
}

const values: readonly string[] = [
  ...["null", "true", "false", "0", "-1", "1.5", "1e400", "4294967296", "9223372036854775808", "-0.0"],
  ...['""', '"NaN"', '"-Infinity"', '"1e3"', '"0x10"', '" 1"', '"AA=="', '"AA-_"', '"2024-02-30T00:00:00Z"'],
  ...['"9999-12-31T23:59:59.999999999Z"', '"1.5s"', '"-315576000001s"', '"a.b,c"', '"PRIORITY_HIGH"'],
  ...[
    "[]",
    "{}",
    "[null]",
    '{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}',
    "[[[]]]",
  ],
  ...['{"a":{"b":[1,{"c":null}]}}', '"\\ud83d"', "123456789012345678901234567890"],
];
