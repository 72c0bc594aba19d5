import type { PinType } from "../scene/catalogue.ts";
import type { SceneNode } from "../scene/item.ts";
import type { HandlerTable, SimulatorContext, UnaryHandler } from "./handler.ts";
import { pinInfoRef } from "./pin-info.ts";
import { nullRef, type OnObject } from "./request.ts";
import { findPinIndex, type PinKey, pinAt } from "./select.ts";

type Request = OnObject & PinKey;

/** A question about the pin that the request names. */
const ask =
  (answer: (type: PinType, context: SimulatorContext) => unknown): UnaryHandler =>
  (request: Request, context) => {
    const pin = pinAt(context.scene.node(request.objectPtr), request);
    return { result: answer(pin.type, context) };
  };
const has: UnaryHandler = (request: Request, { scene }) => ({
  result: findPinIndex(scene.node(request.objectPtr), request) !== undefined,
});
const find: UnaryHandler = (request: Request, { scene }) => {
  const index = findPinIndex(scene.node(request.objectPtr), request);
  return { result: index !== undefined, foundIndex: index ?? 0 };
};
const count =
  (of: (node: SceneNode) => number): UnaryHandler =>
  ({ objectPtr }: OnObject, { scene }) => ({ result: of(scene.node(objectPtr)) });
const dirty: UnaryHandler = (request: Request, { scene }) => ({
  result: pinAt(scene.node(request.objectPtr), request).dirty,
});

const idOf = ask((pin) => pin.id);
const nameOf = ask((pin) => pin.spec.name);
const labelOf = ask((pin) => pin.spec.label);
const typeOf = ask((pin) => pin.pinType);
const textureTypeOf = ask((pin, { ids }) =>
  pin.spec.type === "PT_TEXTURE" ? ids.textureValue.number("TEXTURE_VALUE_TYPE_COLOR3") : 0,
);
const infoOf = ask((pin, context) => pinInfoRef(context, pin));

/** Questions about pins; the suffixes 1 and Ix are the overloads by name and by index. */
export const nodePinMethods: HandlerTable<UnaryHandler> = {
  pinCount: count((node) => node.pins.length),
  staticPinCount: count((node) => node.pins.filter((pin) => !pin.dynamic).length),
  dynPinCount: count((node) => node.pins.filter((pin) => pin.dynamic).length),
  hasPin: has,
  hasPin1: has,
  hasPinIx: has,
  findPin: find,
  findPin1: find,
  pinId: idOf,
  pinIdIx: idOf,
  pinName: nameOf,
  pinNameIx: nameOf,
  pinLabel: labelOf,
  pinLabel1: labelOf,
  pinLabelIx: labelOf,
  pinType: typeOf,
  pinType1: typeOf,
  pinTypeIx: typeOf,
  pinTextureValueType: textureTypeOf,
  pinTextureValueTypeIx: textureTypeOf,
  pinInfo: infoOf,
  pinInfo1: infoOf,
  pinInfoIx: infoOf,
  pinsAreDirty: ({ objectPtr }: OnObject, { scene }) => ({
    result: scene.node(objectPtr).pins.some((pin) => pin.dirty),
  }),
  isDirtyPin: dirty,
  isDirtyPin1: dirty,
  isDirtyPinIx: dirty,
  /** The info of the pin that the node goes to, the null object where it goes nowhere. */
  buildDestinationPinInfo: destinationPinInfo,
  buildLinkerNodePinInfo: destinationPinInfo,
};

function destinationPinInfo({ objectPtr }: OnObject, context: SimulatorContext) {
  const [first] = context.scene.destinations(context.scene.node(objectPtr));
  return { result: first === undefined ? nullRef() : pinInfoRef(context, first.pin.type) };
}
