import { create, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import fc from "fast-check";

/** Any message of a type, nested a few levels; well-known types with rules of their own stay unset. */
export function randomMessage(desc: DescMessage, depth = 3): fc.Arbitrary<Message> {
  const fields = desc.fields.filter((field) => depth > 0 || field.message === undefined);
  const values = Object.fromEntries(
    fields
      .filter((field) => !field.message?.typeName.startsWith("google.protobuf."))
      .map((field) => [field.name, fc.option(fieldValue(field, depth), { nil: undefined })]),
  );
  return fc.record(values, { requiredKeys: [] }).map((record) => {
    const message = reflect(desc, create(desc));
    for (const field of desc.fields) {
      const value = record[field.name];
      if (value !== undefined) assign(message, field, value);
    }
    return message.message;
  });
}

function assign(message: ReflectMessage, field: DescField, value: unknown): void {
  if (field.fieldKind === "list") {
    for (const item of value as unknown[]) message.get(field).add(asReflect(field, item));
  } else if (field.fieldKind === "map") {
    for (const [key, item] of value as [string, unknown][])
      message.get(field).set(key, asReflect(field, item));
  } else message.set(field, asReflect(field, value) as never);
}

function asReflect(field: DescField, value: unknown): unknown {
  return field.message === undefined ? value : reflect(field.message, value as Message);
}

function fieldValue(field: DescField, depth: number): fc.Arbitrary<unknown> {
  switch (field.fieldKind) {
    case "scalar":
      return scalarValue(field.scalar);
    case "list":
      return fc.array(itemValue(field, depth), { maxLength: 3 });
    case "map":
      return fc.uniqueArray(fc.tuple(scalarValue(field.mapKey), itemValue(field, depth)), {
        maxLength: 3,
        selector: ([key]) => String(key),
      });
    default:
      return itemValue(field, depth);
  }
}

function itemValue(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.message !== undefined) return randomMessage(field.message, depth - 1);
  if (field.enum !== undefined) {
    const numbers = field.enum.values.map((value) => value.number);
    return fc.oneof(fc.constantFrom(...numbers), fc.integer({ min: -5, max: 1000 }));
  }
  return scalarValue(field.scalar);
}

function scalarValue(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return fc.string({ unit: "binary", maxLength: 60 });
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 40 });
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.FLOAT:
      return fc.float();
    case ScalarType.DOUBLE:
      return fc.double();
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return fc.nat(2 ** 32 - 1);
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return fc.integer();
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    default:
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  }
}
