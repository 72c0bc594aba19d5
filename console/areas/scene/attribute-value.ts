/** How values of one of Octane's attribute types travel. */
export interface ValueType {
  /** The member of the request that holds the value. */
  readonly member: string;
  /** `AttributeTypeId`, which reads ask for. */
  readonly expected: string;
  readonly form: "bool" | "integer" | "float" | "text" | "long" | "matrix";
  /** 0 for what has no components by name. */
  readonly components: number;
}

const types: ReadonlyMap<string, ValueType> = new Map([
  ["AT_BOOL", type("bool", "bool", 0)],
  ["AT_BYTE", type("int", "integer", 0, "BYTE")],
  ["AT_INT", type("int", "integer", 0)],
  ["AT_INT2", type("int2", "integer", 2)],
  ["AT_INT3", type("int3", "integer", 3)],
  ["AT_INT4", type("int4", "integer", 4)],
  ["AT_FLOAT", type("float", "float", 0)],
  ["AT_FLOAT2", type("float2", "float", 2)],
  ["AT_FLOAT3", type("float3", "float", 3)],
  ["AT_FLOAT4", type("float4", "float", 4)],
  ["AT_LONG", type("long", "long", 0)],
  ["AT_LONG2", type("long2", "long", 2)],
  ["AT_STRING", type("string", "text", 0)],
  ["AT_FILENAME", type("string", "text", 0)],
  ["AT_MATRIX", type("matrix", "matrix", 0)],
]);

/** Undefined for a type that this console does not know. */
export function findValueType(name: string | number): ValueType | undefined {
  return types.get(String(name));
}

const letters = ["x", "y", "z", "w"] as const;

/** The numbers of `{"x":1}`, where what is left out is 0, or of a lone number. */
export function componentsOf(value: unknown, count: number): readonly number[] {
  if (typeof value !== "object" || value === null) {
    return Array.from({ length: count }, (_, at) => (at === 0 ? numberOf(value) : 0));
  }
  const members = value as Readonly<Record<string, unknown>>;
  return letters.slice(0, count).map((letter) => numberOf(members[letter]));
}

/** The value with the first components replaced; those that are not shown stay. */
export function withComponents(
  value: unknown,
  { components }: ValueType,
  numbers: readonly number[],
): number | Readonly<Record<string, number>> {
  if (components === 0) return numbers[0] ?? 0;
  const before = componentsOf(value, components);
  return Object.fromEntries(
    letters.slice(0, components).map((letter, at) => [letter, numbers[at] ?? before[at] ?? 0]),
  );
}

/** Whether Octane holds them as the same: 32-bit floats, absent as 0. */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (typeof one === "number" && typeof other === "number") return Math.fround(one) === Math.fround(other);
  if (!isObject(one) || !isObject(other)) return one === other;
  if (Array.isArray(one.m) || Array.isArray(other.m)) return JSON.stringify(one) === JSON.stringify(other);
  const [left, right] = [componentsOf(one, 4), componentsOf(other, 4)];
  return left.every((number, at) => Math.fround(number) === Math.fround(right[at] ?? 0));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** JSON has `"Infinity"` and `"NaN"` as text, and 64-bit numbers too. */
function numberOf(value: unknown): number {
  return value === undefined || value === null ? 0 : Number(value);
}

function type(
  name: string,
  form: ValueType["form"],
  components: number,
  expected = name.toUpperCase(),
): ValueType {
  return { member: `${name}_value`, expected: `ATTR_ID_${expected}`, form, components };
}
