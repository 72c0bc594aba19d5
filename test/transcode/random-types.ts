import type { DescMessage, FileRegistry } from "@bufbuild/protobuf";
import fc from "fast-check";
import { poolFromFiles } from "../../src/contract/descriptor-pool.ts";
import { linkFiles } from "../../src/contract/link-files.ts";
import { parseProto } from "../../src/contract/parse-proto.ts";

const scalars = [
  "double",
  "float",
  "int32",
  "int64",
  "uint32",
  "uint64",
  "sint32",
  "sint64",
  "fixed32",
  "fixed64",
  "sfixed32",
  "sfixed64",
  "bool",
  "string",
  "bytes",
];
const keys = ["int32", "sint64", "fixed32", "bool", "string"];

interface RandomField {
  readonly form: "single" | "optional" | "repeated" | "unpacked" | "map" | "oneof";
  readonly type: string;
  readonly key: string;
  /** Gap to the number of the field before: some numbers need tags of several bytes. */
  readonly gap: number;
}

const field: fc.Arbitrary<RandomField> = fc.record({
  form: fc.constantFrom("single", "optional", "repeated", "unpacked", "map", "oneof"),
  type: fc.constantFrom(...scalars, "Level", "First", "Second"),
  key: fc.constantFrom(...keys),
  gap: fc.oneof(
    { weight: 9, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.integer({ min: 2, max: 9000 }) },
  ),
});

export interface RandomTypes {
  readonly registry: FileRegistry;
  readonly desc: DescMessage;
  /** For the report of a failure. */
  toString(): string;
}

/** Two message types of any fields, which may hold each other and themselves. */
export const randomTypes: fc.Arbitrary<RandomTypes> = fc
  .tuple(fc.array(field, { maxLength: 9 }), fc.array(field, { maxLength: 5 }), fc.boolean())
  .map(([first, second, isReversed]) => {
    const proto = `syntax = "proto3";
enum Level { LEVEL_NONE = 0; LEVEL_LOW = 1; LEVEL_HIGH = 70000; LEVEL_BELOW = -3; }
${messageText("First", first, isReversed)}
${messageText("Second", second, false)}`;
    const { registry } = poolFromFiles(linkFiles([parseProto(proto, "random.proto")]).files);
    const desc = registry.getMessage("First");
    if (desc === undefined) throw new Error("no message First");
    return { registry, desc, toString: () => proto };
  });

/** `isReversed`: declared against the order of their numbers. */
function messageText(name: string, fields: readonly RandomField[], isReversed: boolean): string {
  let number = 0;
  const lines = fields.map((field, i) => {
    number += field.gap;
    return { isMember: field.form === "oneof", text: fieldText(field, `field_${i}`, number) };
  });
  if (isReversed) lines.reverse();
  const members = lines.filter(({ isMember }) => isMember).map(({ text }) => text);
  const others = lines.filter(({ isMember }) => !isMember).map(({ text }) => text);
  const oneof = members.length === 0 ? "" : `oneof choice { ${members.join(" ")} }`;
  return `message ${name} { ${others.join("\n")}\n${oneof} }`;
}

function fieldText({ form, type, key }: RandomField, name: string, number: number): string {
  switch (form) {
    case "single":
    case "oneof":
      return `${type} ${name} = ${number};`;
    case "optional":
      return `optional ${type} ${name} = ${number};`;
    case "repeated":
      return `repeated ${type} ${name} = ${number};`;
    case "unpacked":
      return ["string", "bytes", "First", "Second"].includes(type)
        ? `repeated ${type} ${name} = ${number};`
        : `repeated ${type} ${name} = ${number} [packed = false];`;
    case "map":
      return `map<${key}, ${type}> ${name} = ${number};`;
  }
}
