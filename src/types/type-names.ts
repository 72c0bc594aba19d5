import { type DescEnum, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { DescriptorProtoSchema, EnumDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/**
 * Tells types apart. A contract of several pools has a type once per pool: equal definitions count as one, others that
 * share a full name do not.
 */
export interface TypeKeys {
  keyOf(desc: DescMessage | DescEnum): string;
}

export function createTypeKeys(): TypeKeys {
  const known = new WeakMap<DescMessage | DescEnum, string>();
  const variants = new Map<string, string[]>();
  return {
    keyOf(desc) {
      let key = known.get(desc);
      if (key === undefined) {
        const definition = definitionOf(desc);
        const list = variants.get(desc.typeName) ?? [];
        if (!list.includes(definition)) list.push(definition);
        variants.set(desc.typeName, list);
        key = `${desc.typeName}#${list.indexOf(definition)}`;
        known.set(desc, key);
      }
      return key;
    },
  };
}

function definitionOf(desc: DescMessage | DescEnum): string {
  const bytes =
    desc.kind === "message"
      ? toBinary(DescriptorProtoSchema, desc.proto)
      : toBinary(EnumDescriptorProtoSchema, desc.proto);
  return Buffer.from(bytes).toString("latin1");
}

/** Gives each message and enum a name that TypeScript takes, the same one each time, and never one twice. */
export interface TypeNames {
  /** `ApiItem_nameRequest` of `octaneapi.ApiItem.nameRequest`. */
  of(desc: DescMessage | DescEnum): string;
  /** What is sent of it: `ApiItem_nameRequestInput`. */
  inputOf(desc: DescMessage): string;
}

/**
 * Names without their package, with it where two packages share a name. `reserved` are words that none may have.
 * `descs` in the order of precedence.
 */
export function createTypeNames(
  descs: Iterable<DescMessage | DescEnum>,
  reserved: ReadonlySet<string>,
  keys: TypeKeys,
): TypeNames {
  const all = [...descs];
  const sharing = new Map<string, number>();
  for (const desc of all) sharing.set(localName(desc), (sharing.get(localName(desc)) ?? 0) + 1);
  const taken = new Set(reserved);
  const names = new Map<string, string>();
  const inputs = new Map<string, string>();
  const take = (wanted: string): string => {
    let name = wanted;
    while (taken.has(name)) name += "_";
    taken.add(name);
    return name;
  };
  for (const desc of all) {
    const local = localName(desc);
    names.set(keys.keyOf(desc), take(sharing.get(local) === 1 ? local : identifier(desc.typeName)));
  }
  for (const desc of all) {
    if (desc.kind === "message") inputs.set(keys.keyOf(desc), take(`${names.get(keys.keyOf(desc))}Input`));
  }
  return {
    of: (desc) => names.get(keys.keyOf(desc)) ?? "unknown",
    inputOf: (desc) => inputs.get(keys.keyOf(desc)) ?? "unknown",
  };
}

function localName(desc: DescMessage | DescEnum): string {
  const { package: name } = desc.file.proto;
  return identifier(name === "" ? desc.typeName : desc.typeName.slice(name.length + 1));
}

function identifier(name: string): string {
  return name.replaceAll(".", "_");
}
