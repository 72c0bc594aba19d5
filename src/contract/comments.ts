import type { AnyDesc, DescEnum, DescMessage, DescService } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { type SourceCodeInfo, SourceCodeInfoSchema } from "@bufbuild/protobuf/wkt";
import type protobuf from "protobufjs";

/** Field numbers of descriptor.proto that lead from a file to what stands in it. */
const inFile = { messages: 4, enums: 5, services: 6 } as const;
const inMessage = { fields: 2, messages: 3, enums: 4 } as const;
const inOthers = 2;

type Path = readonly number[];

/** What `describeFile` numbers: the messages, enums and services of a file, each kind in the order of its descriptor. */
export interface Numbered {
  readonly messages: readonly protobuf.Type[];
  readonly enums: readonly protobuf.Enum[];
  readonly services: readonly protobuf.Service[];
}

/** The comments of a parsed file in the form that descriptors have for them; undefined where it has none. */
export function describeComments(
  file: Numbered,
  membersOf: (type: protobuf.Type) => Numbered & { readonly fields: readonly protobuf.Field[] },
): SourceCodeInfo | undefined {
  const location: { path: number[]; leadingComments: string }[] = [];
  const add = (path: Path, comment: string | null | undefined): void => {
    if (comment) location.push({ path: [...path], leadingComments: comment });
  };
  const addEnum = (type: protobuf.Enum, path: Path): void => {
    add(path, type.comment);
    for (const [index, name] of Object.keys(type.values).entries()) {
      add([...path, inOthers, index], type.comments[name]);
    }
  };
  const addMessage = (type: protobuf.Type, path: Path): void => {
    add(path, type.comment);
    const { fields, messages, enums } = membersOf(type);
    for (const [index, field] of fields.entries()) add([...path, inMessage.fields, index], field.comment);
    for (const [index, nested] of messages.entries())
      addMessage(nested, [...path, inMessage.messages, index]);
    for (const [index, nested] of enums.entries()) addEnum(nested, [...path, inMessage.enums, index]);
  };
  for (const [index, type] of file.messages.entries()) addMessage(type, [inFile.messages, index]);
  for (const [index, type] of file.enums.entries()) addEnum(type, [inFile.enums, index]);
  for (const [index, service] of file.services.entries()) {
    const path = [inFile.services, index];
    add(path, service.comment);
    for (const [at, method] of service.methodsArray.entries()) add([...path, inOthers, at], method.comment);
  }
  return location.length === 0 ? undefined : create(SourceCodeInfoSchema, { location });
}

/** Tells what a `.proto` file says about one of its things, in lines without comment marks; undefined for nothing. */
export type FindComment = (desc: AnyDesc) => string | undefined;

/** Reads comments also from descriptor sets that were made with them (`protoc --include_source_info`). */
export function createCommentFinder(): FindComment {
  const known = new WeakMap<object, ReadonlyMap<string, string>>();
  return (desc) => {
    const path = pathOf(desc);
    const file = "file" in desc ? desc.file : "parent" in desc ? desc.parent?.file : undefined;
    if (path === undefined || file === undefined) return undefined;
    let comments = known.get(file);
    if (comments === undefined) {
      comments = readComments(file.proto.sourceCodeInfo);
      known.set(file, comments);
    }
    return comments.get(path.join("."));
  };
}

function readComments(info: SourceCodeInfo | undefined): ReadonlyMap<string, string> {
  const comments = new Map<string, string>();
  for (const { path, leadingComments, trailingComments } of info?.location ?? []) {
    const text = (leadingComments.trim() || trailingComments.trim())
      .split("\n")
      .map((line) => line.trim())
      .join("\n");
    if (text !== "") comments.set(path.join("."), text);
  }
  return comments;
}

function pathOf(desc: AnyDesc): Path | undefined {
  switch (desc.kind) {
    case "message":
    case "enum":
      return typePath(desc);
    case "service":
      return [inFile.services, desc.file.services.indexOf(desc)];
    case "rpc":
      return [...servicePath(desc.parent), inOthers, desc.parent.methods.indexOf(desc)];
    case "field":
      return [...typePath(desc.parent), inMessage.fields, desc.parent.fields.indexOf(desc)];
    case "enum_value":
      return [...typePath(desc.parent), inOthers, desc.parent.values.indexOf(desc)];
    default:
      return undefined;
  }
}

function servicePath(desc: DescService): Path {
  return [inFile.services, desc.file.services.indexOf(desc)];
}

function typePath(desc: DescMessage | DescEnum): Path {
  const { parent, proto } = desc;
  const isMessage = desc.kind === "message";
  // the descriptor's own lists: those of the registry leave map entries out
  if (parent === undefined) {
    const list: readonly unknown[] = isMessage ? desc.file.proto.messageType : desc.file.proto.enumType;
    return [isMessage ? inFile.messages : inFile.enums, list.indexOf(proto)];
  }
  const list: readonly unknown[] = isMessage ? parent.proto.nestedType : parent.proto.enumType;
  return [...typePath(parent), isMessage ? inMessage.messages : inMessage.enums, list.indexOf(proto)];
}
