import {
  applyDependents,
  arrayOneOf,
  arrayReply,
  type OneOf,
  setArray,
  setValue,
  valueReply,
} from "../scene/attribute-values.ts";
import { type Value, valueType } from "../scene/value-types.ts";
import { arrayFromWire } from "../scene/wire-value.ts";
import type { HandlerTable, UnaryHandler } from "./handler.ts";
import type { OnItem } from "./request.ts";
import { type AttributeKey, attributeAt, findAttribute } from "./select.ts";

type Read = OnItem & AttributeKey & { readonly expectedType: number };
/** Alpha 5 has no `evaluate` here: it always evaluates. */
type Write = OnItem & AttributeKey & Record<string, unknown> & { readonly evaluate?: boolean };

const getValue: UnaryHandler = (request: Read, { scene, ids }) => {
  const attribute = attributeAt(scene.item(request.itemRef), request);
  return { value: valueReply(attribute, request.expectedType, ids) };
};
const getArray: UnaryHandler = (request: Read, { scene, ids }) => {
  const attribute = attributeAt(scene.item(request.itemRef), request);
  return { arrayValue: arrayReply(attribute, request.expectedType, ids) };
};
const write =
  (set: typeof setValue): UnaryHandler =>
  (request: Write, { scene }) => {
    const item = scene.item(request.itemRef);
    const attribute = findAttribute(item, request);
    if (attribute === undefined) return refusal(`"${item.name}" has no such attribute`);
    const reason = set(scene, item, attribute, oneOfIn(request));
    if (reason !== undefined) return refusal(reason);
    attribute.dirty = request.evaluate === false;
    return { success: true, errorMessage: "" };
  };
const getAnimation: UnaryHandler = (request: Read, { scene, ids }) => {
  const attribute = attributeAt(scene.item(request.itemRef), request);
  const { animation } = attribute;
  const reply =
    animation === undefined
      ? arrayReply(attribute, request.expectedType, ids)
      : arrayOneOf(valueType(attribute.spec.type), animation.values);
  const samples = animation?.values.length ?? 0;
  return { times: animation?.times ?? {}, numTimeSamples: samples, arrayValue: reply };
};
const setAnimation: UnaryHandler = (request: Write & { readonly times?: unknown }, { scene }) => {
  const item = scene.item(request.itemRef);
  const attribute = findAttribute(item, request);
  if (attribute === undefined) return refusal(`"${item.name}" has no such attribute`);
  const type = valueType(attribute.spec.type);
  const sent = oneOfIn(request);
  if (sent.case !== type.arrayMember || type.family === "byte" || attribute.spec.isArray) {
    return refusal(`attribute ${attribute.spec.id} cannot be animated with what came`);
  }
  const values = arrayFromWire(type, (sent.value as { readonly data: unknown }).data) as readonly Value[];
  const first = values[0];
  if (first === undefined) return refusal("an animation needs at least one value");
  attribute.animation = { times: request.times ?? {}, values };
  attribute.value = first;
  attribute.dirty = request.evaluate === false;
  applyDependents(scene, item, attribute);
  return { success: true, errorMessage: "" };
};

const setOne = write(setValue);
const setMany = write(setArray);

/** Values of attributes. The first six rows of Alpha 5 and of Beta 2 are the same calls under other names. */
export const itemValueMethods: HandlerTable<UnaryHandler> = {
  getByAttrID: getValue,
  getByName: getValue,
  getByIx: getValue,
  setByAttrID: setOne,
  setByName: setOne,
  setByIx: setOne,
  getValueByAttrID: getValue,
  getValueByName: getValue,
  getValueByIx: getValue,
  setValueByAttrID: setOne,
  setValueByName: setOne,
  setValueByIx: setOne,
  getArrayByAttrID: getArray,
  getArrayByName: getArray,
  getArrayByIx: getArray,
  setArrayByAttrID: setMany,
  setArrayByName: setMany,
  setArrayByIx: setMany,
  getAnimByAttr: getAnimation,
  getAnimByName: getAnimation,
  getAnimByIx: getAnimation,
  setAnimByAttr: setAnimation,
  setAnimByName: setAnimation,
  setAnimByIx: setAnimation,
};

/** The one oneof of the request, whatever the contract calls it. */
export function oneOfIn(request: Readonly<Record<string, unknown>>): OneOf {
  for (const field of Object.values(request)) {
    if (typeof field === "object" && field !== null && "case" in field) return field as OneOf;
  }
  return { case: undefined };
}

function refusal(errorMessage: string) {
  return { success: false, errorMessage };
}
