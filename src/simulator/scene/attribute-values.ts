import { invalid } from "../services/status.ts";
import type { Ids } from "./ids.ts";
import type { Attribute, SceneItem } from "./item.ts";
import { materialPin } from "./sample-scene.ts";
import type { Scene } from "./scene.ts";
import {
  type ArrayValue,
  fitValue,
  type Value,
  type ValueType,
  valueType,
  valueTypeOfMember,
} from "./value-types.ts";
import { arrayFromWire, arrayToWire, fromWire, toWire } from "./wire-value.ts";

/** A oneof of a message in protobuf-es's shape. */
export type OneOf = { readonly case: string | undefined; readonly value?: unknown };

/** The value as the reply's oneof. @throws Status when the request expects another type or the value is an array. */
export function valueReply(attribute: Attribute, expectedType: number, ids: Ids): OneOf {
  const type = checkExpected(attribute, expectedType, ids);
  if (attribute.spec.isArray || type.member === undefined) {
    throw invalid(`attribute ${attribute.spec.id} is an array: read it with getArray`);
  }
  return { case: type.member, value: toWire(type, attribute.value as Value) };
}

/** An array attribute as the reply's oneof; a single value is an array of one. */
export function arrayReply(attribute: Attribute, expectedType: number, ids: Ids): OneOf {
  const type = checkExpected(attribute, expectedType, ids);
  return arrayOneOf(
    type,
    attribute.spec.isArray ? (attribute.value as ArrayValue) : [attribute.value as Value],
  );
}

export function arrayOneOf(type: ValueType, value: ArrayValue): OneOf {
  return { case: type.arrayMember, value: { data: arrayToWire(type, value) } };
}

/** Why the oneof of a set request cannot be taken; undefined after it was set. */
export function setValue(
  scene: Scene,
  item: SceneItem,
  attribute: Attribute,
  sent: OneOf,
): string | undefined {
  const type = valueType(attribute.spec.type);
  const mismatch = whyNot(attribute, type.member, sent);
  if (mismatch !== undefined) return mismatch;
  if (attribute.spec.isArray) return `attribute ${attribute.spec.id} is an array: set it with setArray`;
  attribute.value = fitValue(type, fromWire(type, sent.value));
  attribute.animation = undefined;
  applyDependents(scene, item, attribute);
  return undefined;
}

export function setArray(
  scene: Scene,
  item: SceneItem,
  attribute: Attribute,
  sent: OneOf,
): string | undefined {
  const type = valueType(attribute.spec.type);
  const mismatch = whyNot(attribute, type.arrayMember, sent);
  if (mismatch !== undefined) return mismatch;
  if (!attribute.spec.isArray) return `attribute ${attribute.spec.id} is no array: set it with setValue`;
  attribute.value = arrayFromWire(type, (sent.value as { readonly data: unknown }).data);
  applyDependents(scene, item, attribute);
  return undefined;
}

/** Numbers of AttributeTypeId: 0 means the attribute's own type. */
function checkExpected(attribute: Attribute, expectedType: number, ids: Ids): ValueType {
  const type = valueType(attribute.spec.type);
  const own = ids.attributeTypeId.number(type.typeId);
  if (expectedType !== 0 && expectedType !== own) {
    const asked = ids.attributeTypeId.findName(expectedType) ?? String(expectedType);
    throw invalid(`attribute ${attribute.spec.id} has the type ${type.typeId}, expected_type names ${asked}`);
  }
  return type;
}

function whyNot(attribute: Attribute, member: string | undefined, sent: OneOf): string | undefined {
  if (sent.case === undefined) return `no value came for attribute ${attribute.spec.id}`;
  if (sent.case === member) return undefined;
  const came = valueTypeOfMember(sent.case);
  return `attribute ${attribute.spec.id} has the type ${valueType(attribute.spec.type).attributeType}, came ${came?.attributeType ?? sent.case}`;
}

const maxCountedPins = 256;

/** Pins that follow an attribute: inputs of groups, materials of meshes. */
export function applyDependents(scene: Scene, item: SceneItem, attribute: Attribute): void {
  if (item.kind === "node") {
    const { counted } = item.type;
    if (counted?.attribute === attribute.id) {
      const count = Math.min(
        maxCountedPins,
        Math.max(0, Number((attribute.value as readonly number[])[0] ?? 0)),
      );
      const { pin } = counted;
      scene.setDynamicPins(
        item,
        Array.from({ length: count }, (_, i) => ({
          ...pin,
          spec: { ...pin.spec, name: `${pin.spec.name}${i + 1}`, label: `${pin.spec.label} ${i + 1}` },
        })),
      );
    }
    if (attribute.spec.id === "A_MATERIAL_NAMES" && Array.isArray(attribute.value)) {
      const names = new Set((attribute.value as readonly string[]).slice(0, maxCountedPins));
      scene.setDynamicPins(
        item,
        [...names].map((name) => materialPin(scene, name)),
      );
    }
  }
  scene.changed({ kind: "value", item });
}
