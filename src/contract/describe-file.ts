import { create } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  Edition,
  type EnumDescriptorProto,
  EnumDescriptorProtoSchema,
  EnumOptionsSchema,
  EnumValueDescriptorProtoSchema,
  EnumValueOptionsSchema,
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  FieldOptionsSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileOptionsSchema,
  FieldDescriptorProto_Label as Label,
  MessageOptionsSchema,
  MethodDescriptorProtoSchema,
  MethodOptionsSchema,
  OneofDescriptorProtoSchema,
  type ServiceDescriptorProto,
  ServiceDescriptorProtoSchema,
  ServiceOptionsSchema,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import type protobuf from "protobufjs";
import { describeComments, type Numbered } from "./comments.ts";
import { unescapeNames as nameOf } from "./escaped-name.ts";
import { protobufjs } from "./protobufjs.ts";
import { readOptions } from "./read-options.ts";

/** `proto2`, `proto3` or an edition's name, as the file states it. */
type Syntax = string;

/** What the description of everything in a file needs to know. */
interface Surroundings {
  readonly syntax: Syntax;
  onDropped(reason: string): void;
}

/**
 * The descriptor of one parsed file. Own code in place of the parser's descriptor extension, because that one
 * forgets which file a type came from, puts extensions among the fields and misnames map entries. `onDropped` is
 * told of options that are not valid.
 */
export function describeFile(
  parsed: protobuf.IParserResult,
  syntax: Syntax,
  path: string,
  onDropped: (reason: string) => void,
): FileDescriptorProto {
  const around: Surroundings = { syntax, onDropped };
  const scope = parsed.package ? parsed.root.lookup(parsed.package) : parsed.root;
  const namespace = scope instanceof protobufjs().Namespace ? scope : parsed.root;
  const members = namespace.nestedArray;
  const comments = describeComments(numbered(members), (type) => ({
    ...numbered(type.nestedArray),
    fields: ownFields(type),
  }));
  return create(FileDescriptorProtoSchema, {
    name: path,
    package: nameOf(parsed.package ?? ""),
    dependency: [...(parsed.imports ?? []), ...(parsed.weakImports ?? [])],
    messageType: only(members, protobufjs().Type).map((type) => describeMessage(type, around)),
    enumType: only(members, protobufjs().Enum).map((type) => describeEnum(type, around)),
    service: only(members, protobufjs().Service).map((service) => describeService(service, around)),
    extension: only(members, protobufjs().Field).map((field) => describeField(field, around, [])),
    ...readOptions(FileOptionsSchema, namespace, onDropped),
    ...describeSyntax(syntax),
    ...(comments === undefined ? {} : { sourceCodeInfo: comments }),
  });
}

function numbered(members: readonly protobuf.ReflectionObject[]): Numbered {
  return {
    messages: only(members, protobufjs().Type),
    enums: only(members, protobufjs().Enum),
    services: only(members, protobufjs().Service),
  };
}

/** The parser also lists what extends the type, under a full name. */
function ownFields(type: protobuf.Type): protobuf.Field[] {
  return type.fieldsArray.filter((field) => !field.name.startsWith("."));
}

function only<T>(
  members: readonly protobuf.ReflectionObject[],
  kind: abstract new (...args: never[]) => T,
): T[] {
  return members.filter((member): member is protobuf.ReflectionObject & T => member instanceof kind);
}

function describeSyntax(syntax: Syntax): { syntax: string; edition?: Edition } {
  if (syntax === "proto2" || syntax === "proto3") return { syntax };
  const editions = new Map([
    ["2023", Edition.EDITION_2023],
    ["2024", Edition.EDITION_2024],
    ["2026", Edition.EDITION_2026],
  ]);
  const edition = editions.get(syntax);
  if (edition === undefined) throw new Error(`unknown edition '${syntax}'`);
  return { syntax: "editions", edition };
}

function describeMessage(type: protobuf.Type, around: Surroundings): DescriptorProto {
  // as protoc orders them: the oneofs of the file first, then those that `optional` stands for
  const isSynthetic = (oneof: protobuf.OneOf) => oneof.fieldsArray.some((field) => isProto3Optional(field));
  const oneofs = type.oneofsArray.filter((oneof) => !isSynthetic(oneof));
  oneofs.push(...type.oneofsArray.filter(isSynthetic));
  const fields = ownFields(type);
  const ranges = (type.reserved ?? []).filter((entry) => typeof entry !== "string");
  return create(DescriptorProtoSchema, {
    name: nameOf(type.name),
    field: fields.map((field) => describeField(field, around, oneofs)),
    oneofDecl: oneofs.map((oneof) => create(OneofDescriptorProtoSchema, { name: nameOf(oneof.name) })),
    nestedType: [
      ...only(type.nestedArray, protobufjs().Type).map((nested) => describeMessage(nested, around)),
      ...only(fields, protobufjs().MapField).map((field) => describeMapEntry(field)),
    ],
    enumType: only(type.nestedArray, protobufjs().Enum).map((nested) => describeEnum(nested, around)),
    extension: only(type.nestedArray, protobufjs().Field).map((field) => describeField(field, around, [])),
    extensionRange: (type.extensions ?? []).filter((entry) => typeof entry !== "string").map(exclusiveRange),
    reservedRange: ranges.map(exclusiveRange),
    reservedName: (type.reserved ?? []).filter((entry) => typeof entry === "string").map(nameOf),
    ...readOptions(MessageOptionsSchema, type, around.onDropped),
  });
}

function exclusiveRange(range: number[]): { start: number; end: number } {
  return { start: range[0] ?? 0, end: (range[1] ?? 0) + 1 };
}

function isProto3Optional(field: protobuf.Field): boolean {
  return field.options?.proto3_optional === true;
}

function describeField(
  field: protobuf.Field,
  around: Surroundings,
  oneofs: readonly protobuf.OneOf[],
): FieldDescriptorProto {
  const oneofIndex = field.partOf ? oneofs.indexOf(field.partOf) : -1;
  const group = isGroup(field);
  const name = nameOf(group ? field.name.toLowerCase() : field.name);
  const jsonName = field.options?.json_name;
  const defaultValue = field.options?.default;
  return create(FieldDescriptorProtoSchema, {
    name,
    number: field.id,
    label: describeLabel(field, around.syntax),
    jsonName: nameOf(typeof jsonName === "string" ? jsonName : camelCase(name)),
    ...(field instanceof protobufjs().MapField
      ? { type: Type.MESSAGE, typeName: mapEntryName(name) }
      : describeType(field.type, group)),
    ...(oneofIndex < 0 ? {} : { oneofIndex }),
    ...(isProto3Optional(field) ? { proto3Optional: true } : {}),
    ...(field.extend === undefined ? {} : { extendee: nameOf(field.extend) }),
    ...(defaultValue === undefined || defaultValue === null
      ? {}
      : { defaultValue: describeDefault(defaultValue, field.type) }),
    ...readOptions(FieldOptionsSchema, field, around.onDropped),
  });
}

/** As descriptors write it: bytes C-escaped, numbers in protobuf's words. */
function describeDefault(value: unknown, type: string): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
  }
  if (type !== "bytes") return String(value);
  const escapeByte = (byte: number) => `\\${byte.toString(8).padStart(3, "0")}`;
  return String(value).replace(/[^ !#-&(-[\]-~]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? escapeByte(code) : [...Buffer.from(character)].map(escapeByte).join("");
  });
}

function describeLabel(field: protobuf.Field, syntax: Syntax): Label {
  if (field.repeated || field.map) return Label.REPEATED;
  return field.rule === "required" && syntax === "proto2" ? Label.REQUIRED : Label.OPTIONAL;
}

/** A group declares a type beside the field and has no other way to be told from a message field. */
function isGroup(field: protobuf.Field): boolean {
  const sibling = field.parent?.get(field.type);
  // the parser sets `group`, its type declarations do not name it
  return sibling instanceof protobufjs().Type && "group" in sibling && sibling.group === true;
}

const scalarTypes: ReadonlyMap<string, Type> = new Map([
  ["double", Type.DOUBLE],
  ["float", Type.FLOAT],
  ["int64", Type.INT64],
  ["uint64", Type.UINT64],
  ["int32", Type.INT32],
  ["fixed64", Type.FIXED64],
  ["fixed32", Type.FIXED32],
  ["bool", Type.BOOL],
  ["string", Type.STRING],
  ["bytes", Type.BYTES],
  ["uint32", Type.UINT32],
  ["sfixed32", Type.SFIXED32],
  ["sfixed64", Type.SFIXED64],
  ["sint32", Type.SINT32],
  ["sint64", Type.SINT64],
]);

/** Without `type` where only linking can tell a message from an enum. */
function describeType(type: string, group: boolean): { type?: Type; typeName?: string } {
  const scalar = scalarTypes.get(type);
  if (scalar !== undefined) return { type: scalar };
  return group ? { type: Type.GROUP, typeName: nameOf(type) } : { typeName: nameOf(type) };
}

function describeMapEntry(field: protobuf.MapField): DescriptorProto {
  return create(DescriptorProtoSchema, {
    name: mapEntryName(nameOf(field.name)),
    field: [
      {
        name: "key",
        number: 1,
        label: Label.OPTIONAL,
        jsonName: "key",
        ...describeType(field.keyType, false),
      },
      {
        name: "value",
        number: 2,
        label: Label.OPTIONAL,
        jsonName: "value",
        ...describeType(field.type, false),
      },
    ],
    options: create(MessageOptionsSchema, { mapEntry: true }),
  });
}

/** The name that protoc gives: `some_field` has entries of type `SomeFieldEntry`. */
function mapEntryName(fieldName: string): string {
  const camel = camelCase(fieldName);
  return `${camel.charAt(0).toUpperCase()}${camel.slice(1)}Entry`;
}

/** protobuf's rule for JSON names: an underscore goes and raises the letter after it. */
function camelCase(name: string): string {
  return name.replace(/_+([a-zA-Z0-9])?/g, (_, next: string | undefined) => next?.toUpperCase() ?? "");
}

function describeEnum(type: protobuf.Enum, { onDropped }: Surroundings): EnumDescriptorProto {
  const reserved = type.reserved ?? [];
  return create(EnumDescriptorProtoSchema, {
    name: nameOf(type.name),
    value: Object.entries(type.values).map(([name, number]) =>
      create(EnumValueDescriptorProtoSchema, {
        name: nameOf(name),
        number,
        ...readOptions(EnumValueOptionsSchema, { name, options: type.valuesOptions?.[name] }, onDropped),
      }),
    ),
    reservedRange: reserved
      .filter((entry) => typeof entry !== "string")
      .map((range) => ({ start: range[0] ?? 0, end: range[1] ?? 0 })),
    reservedName: reserved.filter((entry) => typeof entry === "string").map(nameOf),
    ...readOptions(EnumOptionsSchema, type, onDropped),
  });
}

function describeService(service: protobuf.Service, { onDropped }: Surroundings): ServiceDescriptorProto {
  return create(ServiceDescriptorProtoSchema, {
    name: nameOf(service.name),
    method: service.methodsArray.map((method) =>
      create(MethodDescriptorProtoSchema, {
        name: nameOf(method.name),
        inputType: nameOf(method.requestType),
        outputType: nameOf(method.responseType),
        clientStreaming: method.requestStream === true,
        serverStreaming: method.responseStream === true,
        ...readOptions(MethodOptionsSchema, method, onDropped),
      }),
    ),
    ...readOptions(ServiceOptionsSchema, service, onDropped),
  });
}
