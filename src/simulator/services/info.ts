import { cpus } from "node:os";
import { pinColor } from "../scene/pin-info.ts";
import { graphInfo } from "./graph.ts";
import type { ServiceTable, SimulatorContext, UnaryHandler } from "./handler.ts";
import { namingMethods } from "./info-names.ts";
import { renderPassMethods } from "./info-passes.ts";
import { octaneVersion } from "./item.ts";
import { attributeInfo } from "./item-attributes.ts";
import { nodeInfo } from "./node.ts";
import { pinInfoRef } from "./pin-info.ts";
import { nullRef } from "./request.ts";
import { notFound } from "./status.ts";

type OfType = { readonly type: number; readonly attrId?: number; readonly attrIx?: number };

const text =
  (result: string): UnaryHandler =>
  () => ({ result });
const no: UnaryHandler = () => ({ result: false });

/** What the application is, and what it knows: types, names, render passes. */
export const infoService: ServiceTable = {
  service: "octaneapi.ApiInfoService",
  unary: {
    ...namingMethods,
    ...renderPassMethods,
    octaneVersion: () => ({ result: octaneVersion }),
    octaneName: text("OctaneProxy simulator (not Octane)"),
    isDemoVersion: () => ({ result: true }),
    isSubscriptionVersion: no,
    tierIdx: () => ({ result: 0 }),
    osVersionInfo: text(`simulated on ${process.platform}`),
    driverVersionInfo: text("no driver: simulated GPU"),
    cpuInfo() {
      const cores = cpus();
      return {
        cpuVendor: "unknown",
        cpuModel: cores[0]?.model ?? "unknown",
        clockSpeedMhz: cores[0]?.speed ?? 0,
        nbCores: cores.length,
      };
    },
    texCacheFolder: text(""),
    getAttributeTypes: (_, { ids }) => ({
      attributeTypes: list(ids.attributeType.numbers),
      size: ids.attributeType.numbers.length,
    }),
    getPinTypes: (_, { ids }) => ({ pinTypes: list(ids.pinType.numbers), size: ids.pinType.numbers.length }),
    getGraphTypes: (_, { ids }) => ({ graphTypes: list(ids.graph.numbers), size: ids.graph.numbers.length }),
    getNodeTypes: (_, context) => {
      const types = context.ids.node.numbers.filter(
        (number) => context.scene.catalogue.findNode(number) !== undefined,
      );
      return { nodesTypes: list(types), size: types.length };
    },
    nodeInfo: ({ type }: OfType, context) => ({ result: nodeInfo(requireType(context, type)) }),
    graphInfo({ type }: OfType, { scene }) {
      if (scene.catalogue.findGraph(type) === undefined) throw notFound(`${type} is no graph type`);
      return { result: graphInfo(type) };
    },
    // There are no icons in the simulator: the null object.
    nodeIconImage: () => ({ result: nullRef() }),
    graphIconImage: () => ({ result: nullRef() }),
    attributeInfo({ type, attrId }: OfType, context) {
      const found = requireType(context, type).attributes.find(({ id }) => id === attrId);
      return {
        result:
          found === undefined ? { id: attrId, type: 0 } : attributeInfo(found.id, found.spec, context.ids),
      };
    },
    attributeInfo1({ type, attrIx }: OfType, context) {
      const found = requireType(context, type).attributes[attrIx ?? 0];
      if (found === undefined) throw notFound(`node type ${type} has no attribute with index ${attrIx}`);
      return { result: attributeInfo(found.id, found.spec, context.ids) };
    },
    attributeInfo2({ attrIx }: OfType) {
      throw notFound(`graphs of the simulator have no attributes, so none with index ${attrIx}`);
    },
    nodePinInfo({ nodeType, pinIx }: { readonly nodeType: number; readonly pinIx: number }, context) {
      const pin = requireType(context, nodeType).pins[pinIx];
      if (pin === undefined) throw notFound(`node type ${nodeType} has no pin with index ${pinIx}`);
      return { result: pinInfoRef(context, pin) };
    },
    getPinTypeColor: ({ type }: OfType) => ({ result: pinColor(type) }),
    getCompatibleTypes({ outType }: { readonly outType: number }, { scene }) {
      const nodes = scene.catalogue.described
        .filter((type) => type.outType === outType)
        .map(({ number }) => number);
      return {
        compatGraphs: list([]),
        compatGraphsSize: 0,
        compatNodes: list(nodes),
        compatNodesSize: nodes.length,
      };
    },
  },
};

function list(data: readonly number[]) {
  return { data };
}

function requireType({ scene }: SimulatorContext, number: number) {
  const type = scene.catalogue.findNode(number);
  if (type === undefined) throw notFound(`${number} is no node type of this generation`);
  return type;
}
