import type { DescEnum, DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import { objectPtrAliases } from "../transcode/aliases.ts";
import type { FindComment } from "./comments.ts";
import { componentRef, type JsonSchema } from "./json-schema.ts";
import { mapKeySchema, scalarSchema } from "./scalar-schemas.ts";
import { type SchemaForm, withProtoNames } from "./schema-form.ts";
import { wellKnownSchema } from "./well-known-schemas.ts";

/** The schemas of the messages that a document's operations use. */
export interface MessageSchemas {
  /** The schema of a message in a form; it and what it needs become components. */
  schemaOf(desc: DescMessage, form: SchemaForm): JsonSchema;
  /** All components so far, sorted by name. */
  components(): Readonly<Record<string, JsonSchema>>;
}

/** Collects schemas as they are asked for: each message once per form, recursion by `$ref`. */
export function createMessageSchemas(findComment: FindComment): MessageSchemas {
  const components = new Map<string, JsonSchema>();
  const alike = new Map<DescMessage, boolean>();

  function schemaOf(desc: DescMessage, wanted: SchemaForm): JsonSchema {
    const own = wellKnownSchema(desc.typeName, wanted.direction);
    if (own !== undefined) return own;
    const form = hasSameNames(desc) ? withProtoNames(wanted) : wanted;
    const name = desc.typeName + form.suffix;
    if (!components.has(name)) {
      // Stands in while the message's fields, which may be of its own type, are described.
      components.set(name, {});
      components.set(name, messageSchema(desc, form));
    }
    return componentRef("schemas", name);
  }

  function enumSchema(desc: DescEnum): JsonSchema {
    if (desc.typeName === "google.protobuf.NullValue") return { type: "null" };
    if (!components.has(desc.typeName)) {
      components.set(desc.typeName, describeEnum(desc, findComment));
    }
    return componentRef("schemas", desc.typeName);
  }

  /** Whether no field of the message, or of one inside it, has a JSON name of its own. */
  function hasSameNames(desc: DescMessage): boolean {
    const known = alike.get(desc);
    if (known !== undefined) return known;
    const reached = new Set<DescMessage>([desc]);
    let same = true;
    for (const each of reached) {
      if (each.fields.some((field) => field.name !== field.jsonName)) same = false;
      for (const field of each.fields) if (field.message !== undefined) reached.add(field.message);
    }
    alike.set(desc, same);
    return same;
  }

  function messageSchema(desc: DescMessage, form: SchemaForm): JsonSchema {
    const properties: [string, JsonSchema][] = [];
    const required: string[] = [];
    for (const field of desc.fields) {
      const key = form.fieldNames === "json" ? field.jsonName : field.name;
      properties.push([key, describeField(field, form, fieldSchema(field, form))]);
      if (form.defaults === "write" && isWrittenUnset(field)) required.push(key);
    }
    const constraints: JsonSchema[] = [];
    if (form.direction === "reply") {
      for (const oneof of oneofsOf(desc, form)) {
        if (form.oneofCase) properties.push([oneof.name, { enum: [...oneof.members] }]);
        constraints.push(oneofConstraint(oneof, form));
      }
    }
    return {
      type: "object",
      ...described(findComment(desc)),
      ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
      ...(required.length === 0 ? {} : { required }),
      ...(constraints.length === 0 ? {} : { allOf: constraints }),
      ...(form.direction === "request" ? {} : onlyThese(desc)),
    };
  }

  function fieldSchema(field: DescField, form: SchemaForm): JsonSchema {
    switch (field.fieldKind) {
      case "scalar":
        return scalarSchema(field.scalar, form.direction);
      case "enum":
        return enumSchema(field.enum);
      case "message": {
        const schema = schemaOf(field.message, form);
        const isNullable = form.defaults === "write" && isWrittenUnset(field);
        return isNullable ? { anyOf: [schema, { type: "null" }] } : schema;
      }
      case "list":
        return { type: "array", items: itemSchema(field, form) };
      case "map": {
        const keys = mapKeySchema(field.mapKey);
        return {
          type: "object",
          ...(keys === undefined ? {} : { propertyNames: keys }),
          additionalProperties: itemSchema(field, form),
        };
      }
    }
  }

  function itemSchema(field: DescField & { fieldKind: "list" | "map" }, form: SchemaForm): JsonSchema {
    if (field.message !== undefined) return schemaOf(field.message, form);
    if (field.enum !== undefined) return enumSchema(field.enum);
    return field.scalar === undefined ? {} : scalarSchema(field.scalar, form.direction);
  }

  function describeField(field: DescField, form: SchemaForm, schema: JsonSchema): JsonSchema {
    const comment = findComment(field);
    const notes = [
      ...(comment === undefined ? [] : [comment]),
      ...(field.oneof === undefined ? [] : [`One of the oneof \`${field.oneof.name}\`.`]),
      ...(form.direction === "request" ? aliasNotes(field, form) : []),
    ];
    return {
      ...schema,
      ...(notes.length === 0 ? {} : { description: notes.join("\n\n") }),
      ...(field.oneof === undefined ? {} : { "x-oneof": field.oneof.name }),
    };
  }

  return {
    schemaOf,
    components: () => Object.fromEntries([...components].sort(([left], [right]) => (left < right ? -1 : 1))),
  };
}

/** Names, and the numbers that requests may use instead; an open enum's reply has the number of an unknown value. */
function describeEnum(desc: DescEnum, findComment: FindComment): JsonSchema {
  const names = desc.values.map(({ jsonName }) => jsonName);
  const numbers = Object.fromEntries(desc.values.map(({ jsonName, number }) => [jsonName, number]));
  const lines = desc.values.flatMap((value) => {
    const comment = findComment(value);
    return comment === undefined ? [] : [`- \`${value.jsonName}\`: ${comment.replaceAll("\n", " ")}`];
  });
  const description = [findComment(desc), lines.join("\n")].filter(Boolean).join("\n\n");
  return {
    anyOf: [{ type: "string", enum: names }, { type: "integer" }],
    ...described(description === "" ? undefined : description),
    "x-numbers": numbers,
  };
}

interface Oneof {
  readonly name: string;
  /** Keys of the members in the form. */
  readonly members: readonly string[];
}

/** Also those that `optional` makes, where their names are shown. */
function oneofsOf(desc: DescMessage, form: SchemaForm): Oneof[] {
  const keyOf = (field: DescField) => (form.fieldNames === "json" ? field.jsonName : field.name);
  const declared = desc.oneofs.map((oneof: DescOneof) => ({
    name: oneof.name,
    members: oneof.fields.map(keyOf),
  }));
  if (!form.oneofCase) return declared.filter(({ members }) => members.length > 1);
  const synthetic = desc.fields
    .filter((field) => field.proto.proto3Optional)
    .flatMap((field) => {
      const name = desc.proto.oneofDecl[field.proto.oneofIndex]?.name;
      return name === undefined ? [] : [{ name, members: [keyOf(field)] }];
    });
  return [...declared, ...synthetic];
}

/** At most one member; where the form shows it, the oneof's key names exactly that one. */
function oneofConstraint({ name, members }: Oneof, form: SchemaForm): JsonSchema {
  const none = {
    not: { anyOf: [...members, ...(form.oneofCase ? [name] : [])].map((key) => ({ required: [key] })) },
  };
  const only = members.map((key) =>
    form.oneofCase ? { required: [key, name], properties: { [name]: { const: key } } } : { required: [key] },
  );
  return { oneOf: [...only, none] };
}

/** As in the transcoder: absence of all others means something. */
function isWrittenUnset(field: DescField): boolean {
  return field.oneof === undefined && !field.proto.proto3Optional;
}

/** Replies have nothing that the contract does not know; proto2 extensions stand under `[full.name]`. */
function onlyThese(desc: DescMessage): JsonSchema {
  const extensions = desc.proto.extensionRange.length > 0 ? { patternProperties: { "^\\[.+\\]$": {} } } : {};
  return { ...extensions, additionalProperties: false };
}

function aliasNotes({ name, parent }: DescField, form: SchemaForm): string[] {
  if (form.fieldNames !== "proto") return [];
  const names = new Set(parent.fields.flatMap((field) => [field.name, field.jsonName]));
  return objectPtrAliases
    .filter((alias) => !names.has(alias.name) && alias.fields.find((field) => names.has(field)) === name)
    .map((alias) => `May also be sent as \`${alias.name}\`.`);
}

function described(description: string | undefined): JsonSchema {
  return description === undefined ? {} : { description };
}
