import type { Attribute, Pin, SceneNode } from "./item.ts";
import { type Value, valueType } from "./value-types.ts";

/** The A_VALUE of the node behind a pin; undefined for an empty pin and for nodes without a value. */
export function valueBehind(pin: Pin): Attribute | undefined {
  if (pin.source?.kind !== "node") return undefined;
  for (const attribute of pin.source.attributes.values()) {
    if (attribute.spec.id === "A_VALUE") return attribute;
  }
  return undefined;
}

/** The pin of that name in the catalogue (`P_FOV`). */
export function findPin(node: SceneNode | undefined, id: string): Pin | undefined {
  return node?.pins.find((pin) => pin.type.spec.id === id);
}

/** The node behind the pin of that name. */
export function nodeBehind(node: SceneNode | undefined, id: string): SceneNode | undefined {
  const source = findPin(node, id)?.source;
  return source?.kind === "node" ? source : undefined;
}

/** Numbers behind the pin; what the pin starts with where nothing holds a value. */
export function numbersAt(
  node: SceneNode | undefined,
  id: string,
  fallback: readonly number[],
): readonly number[] {
  const pin = findPin(node, id);
  if (pin === undefined) return fallback;
  const attribute = valueBehind(pin);
  if (attribute !== undefined && !(attribute.value instanceof Uint8Array)) {
    const family = valueType(attribute.spec.type).family;
    if (family === "float" || family === "int") return attribute.value as readonly number[];
  }
  const control = pin.type.spec.control;
  return "initial" in control && Array.isArray(control.initial) ? control.initial : fallback;
}

export function numberAt(node: SceneNode | undefined, id: string, fallback: number): number {
  return numbersAt(node, id, [fallback])[0] ?? fallback;
}

/** True when something was set; an empty pin takes no value. */
export function setNumbersAt(
  node: SceneNode | undefined,
  id: string,
  components: readonly number[],
): boolean {
  const pin = findPin(node, id);
  const attribute = pin && valueBehind(pin);
  if (attribute === undefined || valueType(attribute.spec.type).family !== "float") return false;
  const old = attribute.value as readonly number[];
  attribute.value = old.map((component, i) => Math.fround(components[i] ?? component)) as Value;
  return true;
}
