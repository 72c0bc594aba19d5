import type { Registry } from "@bufbuild/protobuf";

const enumNames = {
  pin: "octaneapi.PinId",
  pinType: "octaneapi.NodePinType",
  node: "octaneapi.NodeType",
  graph: "octaneapi.NodeGraphType",
  attribute: "octaneapi.AttributeId",
  attributeType: "octaneapi.AttributeType",
  attributeTypeId: "octaneapi.AttributeTypeId",
  object: "octaneapi.ObjectRef.ObjectType",
  renderPass: "octaneapi.RenderPassId",
  renderPassGroup: "octaneapi.RenderPassGroupId",
  textureValue: "octaneapi.TextureValueType",
} as const;

/** One enum of the contract: names to numbers and back. */
export interface IdSpace {
  /** The number of a name that the simulator's own data uses. @throws Error when the contract lacks it. */
  number(name: string): number;
  findNumber(name: string): number | undefined;
  findName(number: number): string | undefined;
  /** All numbers, in the contract's order, aliases once. */
  readonly numbers: readonly number[];
}

/** The enums by what they identify. The catalogue is written with names; the wire has numbers. */
export type Ids = { readonly [Space in keyof typeof enumNames]: IdSpace };

export function createIds(registry: Registry): Ids {
  const space = (key: keyof typeof enumNames): IdSpace => createIdSpace(registry, enumNames[key]);
  return {
    pin: space("pin"),
    pinType: space("pinType"),
    node: space("node"),
    graph: space("graph"),
    attribute: space("attribute"),
    attributeType: space("attributeType"),
    attributeTypeId: space("attributeTypeId"),
    object: space("object"),
    renderPass: space("renderPass"),
    renderPassGroup: space("renderPassGroup"),
    textureValue: space("textureValue"),
  };
}

function createIdSpace(registry: Registry, enumName: string): IdSpace {
  const desc = registry.getEnum(enumName);
  if (desc === undefined) throw new Error(`the contract has no enum "${enumName}"`);
  const numbers = new Map(desc.values.map((value) => [value.name, value.number]));
  const names = new Map<number, string>();
  for (const value of desc.values) {
    if (!names.has(value.number)) names.set(value.number, value.name);
  }
  return {
    number(name) {
      const number = numbers.get(name);
      if (number === undefined) throw new Error(`enum "${enumName}" of the contract has no "${name}"`);
      return number;
    },
    findNumber: (name) => numbers.get(name),
    findName: (number) => names.get(number),
    numbers: [...names.keys()],
  };
}
