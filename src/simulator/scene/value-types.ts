/** A value as the scene holds it: numbers always as tuples, a matrix as three rows of four. */
export type Value = boolean | string | readonly number[] | readonly bigint[];
/** What an array attribute holds; `byte` arrays are one Uint8Array. */
export type ArrayValue = readonly Value[] | Uint8Array;

export type ValueTypeName =
  | "bool"
  | "int"
  | "int2"
  | "int3"
  | "int4"
  | "long"
  | "long2"
  | "float"
  | "float2"
  | "float3"
  | "float4"
  | "matrix"
  | "string"
  | "filename"
  | "byte";

/** How a type of attribute looks on the wire. */
export interface ValueType {
  readonly name: ValueTypeName;
  readonly family: "bool" | "int" | "long" | "float" | "matrix" | "string" | "byte";
  readonly components: number;
  /** Name in the enum AttributeType. */
  readonly attributeType: string;
  /** Name in the enum AttributeTypeId, which requests name as the expected type. */
  readonly typeId: string;
  /** Member of the `value` oneof, lowerCamel; a byte has none. */
  readonly member: string | undefined;
  /** Member of the array oneof, lowerCamel. */
  readonly arrayMember: string;
}

/** One row per AttributeType. AT_FILENAME travels as a string. */
export const valueTypes: readonly ValueType[] = [
  row("bool", "bool", 1, "AT_BOOL", "ATTR_ID_BOOL"),
  row("int", "int", 1, "AT_INT", "ATTR_ID_INT"),
  row("int2", "int", 2, "AT_INT2", "ATTR_ID_INT2"),
  row("int3", "int", 3, "AT_INT3", "ATTR_ID_INT3"),
  row("int4", "int", 4, "AT_INT4", "ATTR_ID_INT4"),
  row("long", "long", 1, "AT_LONG", "ATTR_ID_LONG"),
  row("long2", "long", 2, "AT_LONG2", "ATTR_ID_LONG2"),
  row("float", "float", 1, "AT_FLOAT", "ATTR_ID_FLOAT"),
  row("float2", "float", 2, "AT_FLOAT2", "ATTR_ID_FLOAT2"),
  row("float3", "float", 3, "AT_FLOAT3", "ATTR_ID_FLOAT3"),
  row("float4", "float", 4, "AT_FLOAT4", "ATTR_ID_FLOAT4"),
  row("matrix", "matrix", 12, "AT_MATRIX", "ATTR_ID_MATRIX"),
  row("string", "string", 1, "AT_STRING", "ATTR_ID_STRING"),
  { ...row("string", "string", 1, "AT_FILENAME", "ATTR_ID_STRING"), name: "filename" },
  { ...row("byte", "byte", 1, "AT_BYTE", "ATTR_ID_BYTE"), member: undefined },
];

const byName = new Map(valueTypes.map((type) => [type.name, type]));

export function valueType(name: ValueTypeName): ValueType {
  const type = byName.get(name);
  if (type === undefined) throw new Error(`no value type "${name}"`);
  return type;
}

/** The type whose values travel in this oneof member (`float3Value` or `float3Array`). */
export function valueTypeOfMember(member: string): ValueType | undefined {
  return valueTypes.find((type) => type.member === member || type.arrayMember === member);
}

/** False, 0, "" or the identity matrix. */
export function zeroValue(type: ValueType): Value {
  switch (type.family) {
    case "bool":
      return false;
    case "string":
      return "";
    case "matrix":
      return [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
    case "long":
      return Array.from({ length: type.components }, () => 0n);
    case "int":
    case "float":
    case "byte":
      return Array.from({ length: type.components }, () => 0);
    default:
      return type.family satisfies never;
  }
}

/** Pads with zeros or cuts, so that a default given with one component fits a type with four. */
export function fitValue(type: ValueType, value: Value): Value {
  if (!Array.isArray(value) || type.family === "matrix") return value;
  const zero = zeroValue(type);
  if (!Array.isArray(zero)) return value;
  const fitted = zero.map((filler, i) => (value as readonly (number | bigint)[])[i] ?? filler);
  return (type.family === "float" ? fitted.map((n) => Math.fround(Number(n))) : fitted) as Value;
}

function row(
  name: ValueTypeName,
  family: ValueType["family"],
  components: number,
  attributeType: string,
  typeId: string,
): ValueType {
  return {
    name,
    family,
    components,
    attributeType,
    typeId,
    member: `${name}Value`,
    arrayMember: `${name}Array`,
  };
}
