import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescOneof,
  ScalarType,
} from "@bufbuild/protobuf";
import type { FindComment } from "../contract/comments.ts";
import { docComment, propertyName } from "./source-text.ts";
import type { TypeNames } from "./type-names.ts";

/** What is sent, or what comes back. */
export type Direction = "input" | "output";

type ScalarKind = "number" | "int64" | "boolean" | "string" | "bytes";

const scalarTypes: Readonly<Record<Direction, Readonly<Record<ScalarKind, string>>>> = {
  input: { number: "number", int64: "Int64Input", boolean: "boolean", string: "string", bytes: "BytesInput" },
  output: { number: "number", int64: "Int64", boolean: "boolean", string: "string", bytes: "Bytes" },
};

/** Types whose JSON is something else than an object with their fields. */
const wellKnownTypes: ReadonlyMap<string, string | Readonly<Record<Direction, string>>> = new Map<
  string,
  string | Readonly<Record<Direction, string>>
>([
  ["google.protobuf.Timestamp", { input: "string | Date", output: "string" }],
  ["google.protobuf.Duration", "string"],
  ["google.protobuf.FieldMask", "string"],
  ["google.protobuf.Empty", "Empty"],
  ["google.protobuf.Struct", "{ readonly [name: string]: unknown }"],
  ["google.protobuf.Value", "unknown"],
  ["google.protobuf.ListValue", "readonly unknown[]"],
  ["google.protobuf.Any", '{ readonly "@type": string; readonly [name: string]: unknown }'],
  ["google.protobuf.DoubleValue", "number"],
  ["google.protobuf.FloatValue", "number"],
  ["google.protobuf.Int32Value", "number"],
  ["google.protobuf.UInt32Value", "number"],
  ["google.protobuf.Int64Value", { input: "Int64Input", output: "Int64" }],
  ["google.protobuf.UInt64Value", { input: "Int64Input", output: "Int64" }],
  ["google.protobuf.BoolValue", "boolean"],
  ["google.protobuf.StringValue", "string"],
  ["google.protobuf.BytesValue", { input: "BytesInput", output: "Bytes" }],
]);

/** True for messages that are written in place and have no declaration of their own. */
export function isWrittenInPlace({ typeName }: DescMessage): boolean {
  return wellKnownTypes.has(typeName);
}

/** True for the enum that stands for JSON's null. */
export function isNull({ typeName }: DescEnum): boolean {
  return typeName === "google.protobuf.NullValue";
}

/** The type of a message wherever it stands. */
export function messageType(desc: DescMessage, direction: Direction, names: TypeNames): string {
  const known = wellKnownTypes.get(desc.typeName);
  if (known !== undefined) return typeof known === "string" ? known : known[direction];
  return direction === "input" ? names.inputOf(desc) : names.of(desc);
}

/** `export type Mood = "MOOD_GLAD" | …` */
export function enumDeclaration(desc: DescEnum, names: TypeNames, find: FindComment): string {
  const values = desc.values.map(
    (value) => `${docComment(find(value), "  ")}  | ${JSON.stringify(value.name)}\n`,
  );
  return `${docComment(find(desc), "")}export type ${names.of(desc)} =\n${values.join("").trimEnd()};\n`;
}

/** The declaration of a message that is not written in place. */
export function messageDeclaration(
  desc: DescMessage,
  direction: Direction,
  names: TypeNames,
  find: FindComment,
): string {
  const member = (field: DescField, indent: string, mark: "" | "?" | undefined): string =>
    `${docComment(find(field), indent)}${indent}${memberText(field, direction, names, mark)}\n`;
  const plain = desc.fields.filter((field) => field.oneof === undefined);
  const own = plain.map((field) => member(field, "  ", undefined)).join("");
  const oneofs = desc.oneofs.map((oneof) => {
    const members = oneof.fields.map((field) => member(field, "    ", "")).join("");
    return `${oneofStart(oneof, direction)}{\n${members}  }>`;
  });
  const head = docComment(find(desc), "");
  const name = direction === "input" ? names.inputOf(desc) : names.of(desc);
  const body = own === "" ? "{}" : `{\n${own}}`;
  if (oneofs.length > 0) {
    const parts = own === "" ? oneofs : [body, ...oneofs];
    return `${head}export type ${name} = ${parts.join(" &\n  ")};\n`;
  }
  return own === "" ? `${head}export type ${name} = Empty;\n` : `${head}export interface ${name} ${body}\n`;
}

function oneofStart(oneof: DescOneof, direction: Direction): string {
  return direction === "input" ? "OneOf<" : `OneOfReply<${JSON.stringify(oneof.name)}, `;
}

/** `mark` is given inside a oneof, whose type says itself what may be absent. */
function memberText(
  field: DescField,
  direction: Direction,
  names: TypeNames,
  mark: "" | "?" | undefined,
): string {
  const name = propertyName(field.name);
  const type = fieldType(field, direction, names);
  if (mark !== undefined) return `${name}${mark}: ${type};`;
  if (direction === "input") return `${name}?: ${type} | null | undefined;`;
  // as the plain dialect has it: only what `optional` marks may be absent
  if (field.proto.proto3Optional) return `${name}?: ${type};`;
  return field.fieldKind === "message" ? `${name}: ${type} | null;` : `${name}: ${type};`;
}

function fieldType(field: DescField, direction: Direction, names: TypeNames): string {
  const single = (): string => {
    if (field.message !== undefined) return messageType(field.message, direction, names);
    if (field.enum !== undefined) return enumType(field.enum, names);
    return field.scalar === undefined ? "unknown" : scalarTypes[direction][kindOf(field.scalar)];
  };
  if (field.fieldKind === "list") return listOf(single(), direction);
  if (field.fieldKind !== "map") return single();
  return `{ ${direction === "input" ? "readonly " : ""}[key: string]: ${single()} }`;
}

function listOf(item: string, direction: Direction): string {
  const element = /[ |]/.test(item) ? `(${item})` : item;
  return direction === "input" ? `readonly ${element}[]` : `${element}[]`;
}

function enumType(desc: DescEnum, names: TypeNames): string {
  if (isNull(desc)) return "null";
  return `${names.of(desc)} | number`;
}

function kindOf(scalar: ScalarType): ScalarKind {
  switch (scalar) {
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return "int64";
    case ScalarType.BOOL:
      return "boolean";
    case ScalarType.STRING:
      return "string";
    case ScalarType.BYTES:
      return "bytes";
    default:
      return "number";
  }
}
