import type { Ids } from "../scene/ids.ts";
import type { Attribute, SceneNode } from "../scene/item.ts";
import { valueBehind } from "../scene/pin-values.ts";
import type { Scene } from "../scene/scene.ts";
import {
  fitValue,
  type Value,
  type ValueType,
  type ValueTypeName,
  valueType,
  valueTypeOfMember,
} from "../scene/value-types.ts";
import { fromWire, toWire } from "../scene/wire-value.ts";
import type { HandlerTable, UnaryHandler } from "./handler.ts";
import { oneOfIn } from "./item-values.ts";
import type { Ref } from "./request.ts";
import { type PinKey, pinAt } from "./select.ts";
import { invalid, Status } from "./status.ts";

type OnPin = PinKey & { readonly objectPtr?: Ref; readonly itemRef?: Ref };
type Expecting = OnPin & { readonly expectedType: number };
type Setting = OnPin & Record<string, unknown> & { readonly value?: unknown };

/** Types in the order in which Alpha 5 numbers its overloads; the last is a path, a message with `fileName`. */
const overloadTypes: readonly ValueTypeName[] = [
  "bool",
  "float",
  "float2",
  "float3",
  "float4",
  "int",
  "int2",
  "int3",
  "int4",
  "matrix",
  "string",
  "filename",
];
const getterNames = [
  "Bool",
  "Float",
  "Float2",
  "Float3",
  "Float4",
  "Int",
  "Int2",
  "Int3",
  "Int4",
  "Matrix",
  "String",
  "FilePath",
];

const getExpected: UnaryHandler = (request: Expecting, { scene, ids }) => {
  const attribute = requireValue(scene.node(request.itemRef), request);
  const type = expectedType(attribute, request.expectedType, ids);
  // PIN_ID_FILEPATH and a file's own type both mean a path.
  const member = type.name === "filename" ? "filePathValue" : type.member;
  return { value: { case: member, value: read(attribute, type) } };
};
const setAny: UnaryHandler = (request: Setting, { scene }) => {
  const sent = oneOfIn(request);
  try {
    const node = scene.node(request.itemRef);
    if (sent.case === undefined) throw invalid("no value came for the pin");
    const type = sent.case === "filePathValue" ? valueType("filename") : valueTypeOfMember(sent.case);
    if (type === undefined) throw invalid(`a pin takes no ${sent.case}`);
    write(scene, node, request, type, sent.value);
    return { success: true, errorMessage: "" };
  } catch (error) {
    // A handle that nothing has stays a failed call; a value that does not fit is told in the reply.
    if (error instanceof Status && error.code === "INVALID_ARGUMENT") {
      return { success: false, errorMessage: error.message };
    }
    throw error;
  }
};
const getAs =
  (type: ValueType, field: "value" | "result"): UnaryHandler =>
  (request: OnPin, { scene }) => ({
    [field]: read(requireValue(scene.node(request.objectPtr), request), type),
  });
const setAs =
  (type: ValueType): UnaryHandler =>
  (request: Setting, { scene }) => {
    write(scene, scene.node(request.objectPtr), request, type, request.value);
    return {};
  };

/** Alpha 5's families: N = none, 1..11 by id, 12..23 by name, Ix, Ix1..Ix11 by index; each run in type order. */
function alpha5Families(): HandlerTable<UnaryHandler> {
  const methods: Record<string, UnaryHandler> = {};
  for (const [i, name] of overloadTypes.entries()) {
    const type = valueType(name);
    for (const suffix of [i === 0 ? "" : String(i), String(i + 12), i === 0 ? "Ix" : `Ix${i}`]) {
      methods[`getPinValue${suffix}`] = getAs(type, "value");
      methods[`setPinValue${suffix}`] = setAs(type);
    }
    for (const suffix of ["", "1", "Ix"]) methods[`getPin${getterNames[i]}${suffix}`] = getAs(type, "result");
  }
  return methods;
}

/** Values behind pins: Alpha 5's overload families and Beta 2's calls with an expected type. */
export const nodePinValueMethods: HandlerTable<UnaryHandler> = {
  ...alpha5Families(),
  getPinValueByPinID: getExpected,
  getPinValueByName: getExpected,
  getPinValueByIx: getExpected,
  setPinValueByPinID: setAny,
  setPinValueByName: setAny,
  setPinValueByIx: setAny,
};

function requireValue(node: SceneNode, key: PinKey): Attribute {
  const pin = pinAt(node, key);
  const attribute = valueBehind(pin);
  if (attribute === undefined)
    throw invalid(`nothing with a value is connected to pin "${pin.type.spec.name}"`);
  return attribute;
}

/** Numbers of PinTypeId; they are those of AttributeTypeId, and 15 for a path. 0 takes the node's own type. */
function expectedType(attribute: Attribute, expected: number, ids: Ids): ValueType {
  const own = valueType(attribute.spec.type);
  if (expected === 0) return own;
  if (expected === 15) return valueType("filename");
  const name = ids.attributeTypeId.findName(expected);
  const type = overloadTypes.map(valueType).find((candidate) => candidate.typeId === name);
  if (type === undefined) throw invalid(`a pin has no value of the expected type ${name ?? expected}`);
  return type;
}

function read(attribute: Attribute, type: ValueType): unknown {
  requireFamily(attribute, type);
  const value = attribute.value as Value;
  if (type.name === "filename") return { package: "", fileName: value };
  return toWire(type, fitValue(type, value));
}

/** Components that the sent type does not have stay as they are. */
function write(
  scene: Scene,
  node: SceneNode,
  key: PinKey & { readonly evaluate?: unknown },
  type: ValueType,
  sent: unknown,
): void {
  const pin = pinAt(node, key);
  const attribute = requireValue(node, key);
  requireFamily(attribute, type);
  const value = type.name === "filename" ? filePath(sent) : fromWire(type, sent ?? {});
  const merged =
    Array.isArray(value) && Array.isArray(attribute.value) && type.family !== "matrix"
      ? attribute.value.map((old, i) => value[i] ?? old)
      : value;
  attribute.value = fitValue(valueType(attribute.spec.type), merged as Value);
  attribute.dirty = key.evaluate === false;
  if (pin.source !== undefined) scene.changed({ kind: "value", item: pin.source });
}

function requireFamily(attribute: Attribute, type: ValueType): void {
  const own = valueType(attribute.spec.type);
  if (own.family !== type.family || attribute.spec.isArray) {
    throw invalid(`the node behind the pin holds ${own.attributeType}, not ${type.attributeType}`);
  }
}

function filePath(sent: unknown): string {
  const path = sent as { readonly fileName?: string } | undefined;
  return path?.fileName ?? "";
}
