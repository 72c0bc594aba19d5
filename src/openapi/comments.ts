import type { AnyDesc, DescFile } from "@bufbuild/protobuf";
import type { DescriptorProto, EnumDescriptorProto, FileDescriptorProto } from "@bufbuild/protobuf/wkt";

/** What the `.proto` says above an element, or undefined. Descriptors have it only where they carry source information. */
export type FindComment = (desc: Exclude<AnyDesc, DescFile>) => string | undefined;

/** Looks comments up by descriptor; each file's are indexed when first asked for. */
export function createCommentFinder(): FindComment {
  const files = new Map<FileDescriptorProto, ReadonlyMap<object, string>>();
  return (desc) => {
    const file = fileOf(desc);
    let comments = files.get(file);
    if (comments === undefined) {
      comments = indexComments(file);
      files.set(file, comments);
    }
    return comments.get(desc.proto);
  };
}

function fileOf(desc: Exclude<AnyDesc, DescFile>): FileDescriptorProto {
  switch (desc.kind) {
    case "field":
    case "oneof":
    case "rpc":
    case "enum_value":
      return desc.parent.file.proto;
    default:
      return desc.file.proto;
  }
}

/** By the element's own descriptor. The numbers are those of descriptor.proto's fields, which paths are made of. */
function indexComments(file: FileDescriptorProto): ReadonlyMap<object, string> {
  const byPath = new Map<string, string>();
  for (const { path, leadingComments, trailingComments } of file.sourceCodeInfo?.location ?? []) {
    const comment = (leadingComments || trailingComments).trim();
    if (comment !== "") byPath.set(path.join(), comment);
  }
  const comments = new Map<object, string>();
  if (byPath.size === 0) return comments;

  const note = (element: object, path: string) => {
    const comment = byPath.get(path);
    if (comment !== undefined) comments.set(element, comment);
  };
  const noteEnum = (desc: EnumDescriptorProto, path: string) => {
    note(desc, path);
    for (const [index, value] of desc.value.entries()) note(value, `${path},2,${index}`);
  };
  const noteMessage = (desc: DescriptorProto, path: string) => {
    note(desc, path);
    for (const [index, field] of desc.field.entries()) note(field, `${path},2,${index}`);
    for (const [index, nested] of desc.nestedType.entries()) noteMessage(nested, `${path},3,${index}`);
    for (const [index, nested] of desc.enumType.entries()) noteEnum(nested, `${path},4,${index}`);
    for (const [index, oneof] of desc.oneofDecl.entries()) note(oneof, `${path},8,${index}`);
  };
  for (const [index, desc] of file.messageType.entries()) noteMessage(desc, `4,${index}`);
  for (const [index, desc] of file.enumType.entries()) noteEnum(desc, `5,${index}`);
  for (const [index, service] of file.service.entries()) {
    note(service, `6,${index}`);
    for (const [at, method] of service.method.entries()) note(method, `6,${index},2,${at}`);
  }
  return comments;
}
