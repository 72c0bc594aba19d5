import type { Attribute, Pin, SceneItem, SceneNode } from "../scene/item.ts";
import { invalid, notFound } from "./status.ts";

/** Overloads name a pin by id, name or index; the request has exactly one of these fields. */
export type PinKey = {
  readonly pinId?: number;
  readonly id?: number;
  readonly pinName?: string;
  readonly name?: string;
  readonly pinIx?: number;
  readonly pinIdx?: number;
  readonly index?: number;
};

/** The same for attributes. */
export type AttributeKey = {
  readonly attributeId?: number;
  readonly id?: number;
  readonly attrName?: string;
  readonly name?: string;
  readonly index?: number;
};

/** Index of the pin that the request names; undefined when the node has none. */
export function findPinIndex(node: SceneNode, key: PinKey): number | undefined {
  const id = key.pinId ?? key.id;
  const name = key.pinName ?? key.name;
  const index = key.pinIx ?? key.pinIdx ?? key.index;
  const found =
    id !== undefined
      ? node.pins.findIndex((pin) => pin.type.id === id && id !== 0)
      : name !== undefined
        ? node.pins.findIndex((pin) => pin.type.spec.name === name)
        : (index ?? -1);
  return found >= 0 && found < node.pins.length ? found : undefined;
}

/** @throws Status NOT_FOUND naming what was asked for. */
export function pinIndex(node: SceneNode, key: PinKey): number {
  const index = findPinIndex(node, key);
  if (index === undefined) {
    throw notFound(`"${node.name}" has ${node.pins.length} pins, but none with ${describe(key)}`);
  }
  return index;
}

/** @throws Status NOT_FOUND naming what was asked for. */
export function pinAt(node: SceneNode, key: PinKey): Pin {
  const pin = node.pins[pinIndex(node, key)];
  if (pin === undefined) throw invalid("no such pin");
  return pin;
}

export function findAttributeIndex(item: SceneItem, key: AttributeKey): number | undefined {
  const id = key.attributeId ?? key.id;
  const name = key.attrName ?? key.name;
  const attributes = [...item.attributes.values()];
  const found =
    id !== undefined
      ? attributes.findIndex((attribute) => attribute.id === id)
      : name !== undefined
        ? attributes.findIndex((attribute) => attribute.spec.id === name || attributeName(attribute) === name)
        : (key.index ?? -1);
  return found >= 0 && found < attributes.length ? found : undefined;
}

export function findAttribute(item: SceneItem, key: AttributeKey): Attribute | undefined {
  const index = findAttributeIndex(item, key);
  return index === undefined ? undefined : [...item.attributes.values()][index];
}

/** @throws Status NOT_FOUND naming what was asked for. */
export function attributeAt(item: SceneItem, key: AttributeKey): Attribute {
  const attribute = findAttribute(item, key);
  if (attribute === undefined) throw notFound(`"${item.name}" has no attribute with ${describe(key)}`);
  return attribute;
}

/** `A_VALUE` is called `value`. */
export function attributeName(attribute: Attribute): string {
  return attribute.spec.id
    .replace(/^A_/, "")
    .toLowerCase()
    .replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function describe(key: PinKey & AttributeKey): string {
  const id = key.pinId ?? key.attributeId ?? key.id;
  if (id !== undefined) return `id ${id}`;
  const name = key.pinName ?? key.attrName ?? key.name;
  return name === undefined ? `index ${key.pinIx ?? key.pinIdx ?? key.index}` : `the name "${name}"`;
}
