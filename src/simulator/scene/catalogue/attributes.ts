import { type Value, type ValueTypeName, valueType, zeroValue } from "../value-types.ts";
import type { AttributeSpec, NodeTypeSpec } from "./spec.ts";

export function attribute(
  id: string,
  type: ValueTypeName,
  description: string,
  initial: Value = zeroValue(valueType(type)),
): AttributeSpec {
  return { id, type, isArray: false, description, initial };
}

export function arrayAttribute(id: string, type: ValueTypeName, description: string): AttributeSpec {
  return { id, type, isArray: true, description, initial: zeroValue(valueType(type)) };
}

/** A node that only holds a value, in A_VALUE. */
export function valueNode(
  type: string,
  outType: string,
  defaultName: string,
  value: ValueTypeName,
  description: string,
  initial?: Value,
): NodeTypeSpec {
  return {
    type,
    outType,
    defaultName,
    category: "Values",
    description,
    pins: [],
    attributes: [attribute("A_VALUE", value, "The value of the node.", initial)],
  };
}
