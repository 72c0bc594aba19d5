import type { DescriptorProto, EnumDescriptorProto, FileDescriptorProto } from "@bufbuild/protobuf/wkt";

export type SymbolKind = "message" | "enum" | "service" | "extension";

/** Every name that a file defines, with its package (`octaneapi.ObjectRef.ObjectType`), and what it is. */
export function symbolsOf(file: FileDescriptorProto): ReadonlyMap<string, SymbolKind> {
  const found = new Map<string, SymbolKind>();
  const addEnum = (type: EnumDescriptorProto, scope: string) => found.set(join(scope, type.name), "enum");
  const addMessage = (type: DescriptorProto, scope: string) => {
    const name = join(scope, type.name);
    found.set(name, "message");
    for (const nested of type.nestedType) addMessage(nested, name);
    for (const nested of type.enumType) addEnum(nested, name);
    for (const nested of type.extension) found.set(join(name, nested.name), "extension");
  };
  for (const type of file.messageType) addMessage(type, file.package);
  for (const type of file.enumType) addEnum(type, file.package);
  for (const type of file.service) found.set(join(file.package, type.name), "service");
  for (const type of file.extension) found.set(join(file.package, type.name), "extension");
  return found;
}

/** A name inside a scope, which is empty for a file without package. */
export function join(scope: string, name: string): string {
  return scope === "" ? name : `${scope}.${name}`;
}
