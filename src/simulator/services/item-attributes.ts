import type { AttributeSpec } from "../scene/catalogue/spec.ts";
import type { Ids } from "../scene/ids.ts";
import type { Attribute } from "../scene/item.ts";
import { fitValue, type Value, valueType } from "../scene/value-types.ts";
import { toWire } from "../scene/wire-value.ts";
import type { Fields, HandlerTable, UnaryHandler } from "./handler.ts";
import type { OnObject } from "./request.ts";
import {
  type AttributeKey,
  attributeAt,
  attributeName,
  findAttribute,
  findAttributeIndex,
} from "./select.ts";

type Request = OnObject & AttributeKey;

const hasAttribute: UnaryHandler = (request: Request, { scene }) => ({
  result: findAttribute(scene.item(request.objectPtr), request) !== undefined,
});
const findIndex: UnaryHandler = (request: Request, { scene }) => {
  const index = findAttributeIndex(scene.item(request.objectPtr), request);
  return { result: index !== undefined, foundIndex: index ?? 0 };
};
const idOf: UnaryHandler = (request: Request, { scene }) => ({
  result: attributeAt(scene.item(request.objectPtr), request).id,
});
const nameOf: UnaryHandler = (request: Request, { scene }) => ({
  result: attributeName(attributeAt(scene.item(request.objectPtr), request)),
});
const typeOf: UnaryHandler = (request: Request, { scene, ids }) => {
  const attribute = findAttribute(scene.item(request.objectPtr), request);
  return { result: attribute === undefined ? 0 : attributeTypeNumber(attribute.spec, ids) };
};
const infoOf: UnaryHandler = (request: Request, { scene, ids }) => {
  const attribute = findAttribute(scene.item(request.objectPtr), request);
  // Clients ask containers for A_VALUE too: AT_UNKNOWN is the answer, not an error.
  if (attribute === undefined) return { result: { id: request.id ?? 0, type: 0 } };
  return { result: attributeInfo(attribute.id, attribute.spec, ids) };
};
const isDirty: UnaryHandler = (request: Request, { scene }) => ({
  result: attributeAt(scene.item(request.objectPtr), request).dirty,
});
const isAnimated: UnaryHandler = (request: Request, { scene }) => ({
  result: attributeAt(scene.item(request.objectPtr), request).animation !== undefined,
});
const clearAnimation: UnaryHandler = (request: Request, { scene }) => {
  const item = scene.item(request.objectPtr);
  attributeAt(item, request).animation = undefined;
  scene.changed({ kind: "value", item });
  return {};
};

/** Questions about attributes; the suffixes 1 and Ix are the overloads by name and by index. */
export const itemAttributeMethods: HandlerTable<UnaryHandler> = {
  attrCount: ({ objectPtr }: OnObject, { scene }) => ({ result: scene.item(objectPtr).attributes.size }),
  hasAttr: hasAttribute,
  hasAttr1: hasAttribute,
  findAttr: findIndex,
  findAttr1: findIndex,
  attrId: idOf,
  attrIdIx: idOf,
  attrName: nameOf,
  attrNameIx: nameOf,
  attrType: typeOf,
  attrType1: typeOf,
  attrTypeIx: typeOf,
  attrInfo: infoOf,
  attrInfo1: infoOf,
  attrInfoIx: infoOf,
  attrAreDirty: ({ objectPtr }: OnObject, { scene }) => ({
    result: [...scene.item(objectPtr).attributes.values()].some((attribute: Attribute) => attribute.dirty),
  }),
  isDirtyAttr: isDirty,
  isDirtyAttr1: isDirty,
  isDirtyAttrIx: isDirty,
  isAnimated: isAnimated,
  isAnimated1: isAnimated,
  isAnimatedIx: isAnimated,
  clearAnim: clearAnimation,
  clearAnim1: clearAnimation,
  clearAnimIx: clearAnimation,
};

/** Fields of an ApiAttributeInfo message. */
export function attributeInfo(id: number, spec: AttributeSpec, ids: Ids): Fields {
  return {
    id,
    type: attributeTypeNumber(spec, ids),
    isArray: spec.isArray,
    description: spec.description,
    ...defaultOf(spec),
  };
}

function attributeTypeNumber(spec: AttributeSpec, ids: Ids): number {
  return ids.attributeType.number(valueType(spec.type).attributeType);
}

function defaultOf({ type, initial }: AttributeSpec): Fields {
  const { family } = valueType(type);
  switch (family) {
    case "float":
      return { defaultFloats: wide("float4", initial) };
    case "int":
      return { defaultInts: wide("int4", initial) };
    case "bool":
      return { defaultInts: wide("int4", [initial === true ? 1 : 0]) };
    case "long":
      return { defaultLongs: wide("long2", initial) };
    case "string":
      return { defaultString: initial };
    case "matrix":
    case "byte":
      return {};
    default:
      return family satisfies never;
  }
}

function wide(type: "float4" | "int4" | "long2", initial: Value): unknown {
  return toWire(valueType(type), fitValue(valueType(type), initial));
}
