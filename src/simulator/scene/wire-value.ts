import type { ArrayValue, Value, ValueType } from "./value-types.ts";

const axes = ["x", "y", "z", "w"] as const;
type Components<Number> = { readonly [axis in (typeof axes)[number]]?: Number };
interface Rows {
  readonly m: readonly Components<number>[];
}

/** A value as the field of its oneof member: a scalar, `{x, y, …}`, or a matrix of rows. */
export function toWire(type: ValueType, value: Value): unknown {
  if (typeof value === "boolean" || typeof value === "string") return value;
  if (type.family === "matrix") {
    return { m: [0, 4, 8].map((start) => toComponents(value.slice(start, start + 4))) };
  }
  return type.components === 1 ? value[0] : toComponents(value);
}

/** The other way; what a message leaves out is 0. Floats are rounded as the wire rounds them. */
export function fromWire(type: ValueType, field: unknown): Value {
  switch (type.family) {
    case "bool":
    case "string":
      return field as Value;
    case "matrix": {
      const rows = (field as Rows).m;
      return [0, 1, 2].flatMap((row) => axes.map((axis) => rows[row]?.[axis] ?? 0));
    }
    case "int":
    case "float":
    case "long":
    case "byte":
      if (type.components === 1) return [field] as Value;
      return axes.slice(0, type.components).map((axis) => (field as Components<number>)[axis] ?? 0);
    default:
      return type.family satisfies never;
  }
}

/** An array value as the `data` field of its array message. */
export function arrayToWire(type: ValueType, value: ArrayValue): unknown {
  return value instanceof Uint8Array ? value : value.map((element) => toWire(type, element));
}

export function arrayFromWire(type: ValueType, data: unknown): ArrayValue {
  if (data instanceof Uint8Array) return data.slice();
  return (data as readonly unknown[]).map((element) => fromWire(type, element));
}

function toComponents(value: readonly (number | bigint)[]): Record<string, number | bigint> {
  return Object.fromEntries(value.map((component, i) => [axes[i] ?? "w", component]));
}
