import { nodeTypes } from "./catalogue/nodes.ts";
import { pinNameOf } from "./catalogue/pins.ts";
import type { AttributeSpec, NodeTypeSpec, PinSpec } from "./catalogue/spec.ts";
import type { Ids } from "./ids.ts";

/** A pin spec with the numbers of the generation. */
export interface PinType {
  readonly spec: PinSpec;
  readonly id: number;
  /** Number in NodePinType. */
  readonly pinType: number;
  /** Number in NodeType; 0 for none. */
  readonly defaultNode: number;
}

export interface AttributeType {
  readonly spec: AttributeSpec;
  readonly id: number;
}

export interface NodeType {
  readonly number: number;
  readonly spec: NodeTypeSpec;
  /** Number in NodePinType. */
  readonly outType: number;
  readonly pins: readonly PinType[];
  readonly attributes: readonly AttributeType[];
  readonly counted: { readonly attribute: number; readonly pin: PinType } | undefined;
}

export interface GraphType {
  readonly number: number;
  readonly name: string;
}

/** The node types of one generation, by number. */
export interface Catalogue {
  /**
   * Types of the contract that the catalogue does not describe give a node without pins and attributes, with
   * an output type guessed from the name; undefined for numbers that name no type, and for range markers.
   */
  findNode(number: number): NodeType | undefined;
  findGraph(number: number): GraphType | undefined;
  /** Described types only. */
  readonly described: readonly NodeType[];
  /** A pin without id and number in the catalogue, such as one per material of a mesh. */
  dynamicPin(spec: PinSpec): PinType;
}

export function createCatalogue(ids: Ids): Catalogue {
  const resolvePin = (spec: PinSpec): PinType => ({
    spec,
    id: ids.pin.number(spec.id),
    pinType: ids.pinType.number(spec.type),
    defaultNode: spec.defaultNode === undefined ? 0 : ids.node.number(spec.defaultNode),
  });
  const resolve = (spec: NodeTypeSpec): NodeType => ({
    number: ids.node.number(spec.type),
    spec,
    outType: ids.pinType.number(spec.outType),
    pins: spec.pins.map(resolvePin),
    attributes: spec.attributes.map((attribute) => ({
      spec: attribute,
      id: ids.attribute.number(attribute.id),
    })),
    counted: spec.counted && {
      attribute: ids.attribute.number(spec.counted.attribute),
      pin: resolvePin(spec.counted.pin),
    },
  });
  const described = nodeTypes.map(resolve);
  const types = new Map(described.map((type) => [type.number, type]));

  return {
    described,
    dynamicPin: resolvePin,
    findNode(number) {
      const known = types.get(number);
      if (known !== undefined) return known;
      const name = ids.node.findName(number);
      if (name === undefined || !isCreatableName(name)) return undefined;
      const type = resolve(plainType(name));
      types.set(number, type);
      return type;
    },
    findGraph(number) {
      const name = ids.graph.findName(number);
      return name === undefined || number === 0 || name.endsWith("_OFFSET") ? undefined : { number, name };
    },
  };
}

/** Retired types start with an underscore; markers of ranges are no types. */
function isCreatableName(name: string): boolean {
  return name.startsWith("NT_") && name !== "NT_UNKNOWN" && !/_(OFFSET|RANGE_(START|BEGIN|END))$/.test(name);
}

const outTypesByPrefix: readonly (readonly [prefix: string, outType: string])[] = [
  ["NT_MAT_", "PT_MATERIAL"],
  ["NT_TEX_COMPOSITE_LAYER", "PT_TEX_COMPOSITE_LAYER"],
  ["NT_TEX_", "PT_TEXTURE"],
  ["NT_GEO_", "PT_GEOMETRY"],
  ["NT_SCATTER_", "PT_GEOMETRY"],
  ["NT_LIGHT_", "PT_GEOMETRY"],
  ["NT_CAM_", "PT_CAMERA"],
  ["NT_ENV_", "PT_ENVIRONMENT"],
  ["NT_KERN_", "PT_KERNEL"],
  ["NT_EMIS_", "PT_EMISSION"],
  ["NT_MED_", "PT_MEDIUM"],
  ["NT_PHASE_", "PT_PHASEFUNCTION"],
  ["NT_TRANSFORM_", "PT_TRANSFORM"],
  ["NT_PROJ_", "PT_PROJECTION"],
  ["NT_DISPLACEMENT", "PT_DISPLACEMENT"],
  ["NT_VERTEX_DISPLACEMENT", "PT_DISPLACEMENT"],
  ["NT_OUTPUT_AOV_LAYER", "PT_OUTPUT_AOV_LAYER"],
  ["NT_OUTPUT_AOV", "PT_OUTPUT_AOV"],
  ["NT_AOV_", "PT_RENDER_PASSES"],
  ["NT_RENDER_AOV_GROUP", "PT_RENDER_PASSES"],
  ["NT_FLOAT_", "PT_FLOAT"],
  ["NT_INT_", "PT_INT"],
  ["NT_BOOL_", "PT_BOOL"],
  ["NT_VOLUME_RAMP", "PT_VOLUME_RAMP"],
  ["NT_TOON_RAMP", "PT_TOON_RAMP"],
  ["NT_OCIO_COLOR_SPACE", "PT_OCIO_COLOR_SPACE"],
  ["NT_BLENDING_SETTINGS", "PT_BLENDING_SETTINGS"],
];

function plainType(type: string): NodeTypeSpec {
  const words = pinNameOf(type.replace(/^NT_/, ""))
    .replace(/([A-Z])/g, " $1")
    .toLowerCase();
  return {
    type,
    outType: outTypesByPrefix.find(([prefix]) => type.startsWith(prefix))?.[1] ?? "PT_UNKNOWN",
    defaultName: words.charAt(0).toUpperCase() + words.slice(1),
    category: "Others",
    description: "The simulator knows this type by name only: it has no pins and no attributes here.",
    pins: [],
    attributes: [],
  };
}
