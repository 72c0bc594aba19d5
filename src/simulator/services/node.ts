import type { NodeType } from "../scene/catalogue.ts";
import { ownedBy, type Pin, type SceneNode } from "../scene/item.ts";
import { pinColor } from "../scene/pin-info.ts";
import type { Fields, ServiceTable, SimulatorContext, UnaryHandler } from "./handler.ts";
import { nodePinValueMethods } from "./node-pin-values.ts";
import { nodePinMethods } from "./node-pins.ts";
import { objectRef } from "./object-refs.ts";
import { type OnObject, type Ref, refTo } from "./request.ts";
import { findPinIndex, type PinKey, pinAt } from "./select.ts";
import { invalid } from "./status.ts";

type OnPin = OnObject & PinKey;
type Connect = OnPin & { readonly sourceNode: Ref; readonly evaluate?: boolean };
type Create = OnPin & { readonly type: number; readonly configurePins: boolean };

const canConnect: UnaryHandler = (request: Connect, { scene }) => {
  const node = scene.node(request.objectPtr);
  const index = findPinIndex(node, request);
  const source = scene.itemOrNull(request.sourceNode);
  if (index === undefined) return { result: false };
  if (source === undefined) return { result: true };
  return { result: scene.whyNotConnect(node, pinAt(node, { index }), source) === undefined };
};
/** Handle 0 as the source empties the pin. A cycle is refused whether or not the client asked for the check. */
const connect: UnaryHandler = (request: Connect, { scene }) => {
  const node = scene.node(request.objectPtr);
  const pin = pinAt(node, request);
  scene.connect(node, pin, scene.itemOrNull(request.sourceNode), request.evaluate === true);
  return {};
};
const connected: UnaryHandler = (request: OnPin, { scene }) => {
  const node = scene.node(request.objectPtr);
  return { result: refTo(pinAt(node, request).source) };
};
const owned: UnaryHandler = (request: OnPin, { scene }) => {
  const node = scene.node(request.objectPtr);
  return { result: refTo(ownedBy(node, pinAt(node, request))) };
};
const createNode: UnaryHandler = (request: Create, { scene }) => {
  const node = scene.node(request.objectPtr);
  return {
    result: refTo(scene.createInternal(node, pinAt(node, request), request.type, request.configurePins)),
  };
};
const createGraph: UnaryHandler = (request: Create, { scene }) => {
  const node = scene.node(request.objectPtr);
  return { result: refTo(scene.createInternalGraph(node, pinAt(node, request), request.type)) };
};
const copy: UnaryHandler = (request: OnPin & { readonly sourceItem: Ref }, { scene }) => {
  const node = scene.node(request.objectPtr);
  return { result: refTo(scene.copyBehind(node, pinAt(node, request), scene.node(request.sourceItem))) };
};
const textureType: UnaryHandler = ({ objectPtr }: OnObject, { scene, ids }) => ({
  result: textureValueOf(scene.node(objectPtr), ids.textureValue.number("TEXTURE_VALUE_TYPE_COLOR3")),
});

/** Nodes: making them, wiring them, their pins and the values behind. */
export const nodeService: ServiceTable = {
  service: "octaneapi.ApiNodeService",
  unary: {
    ...nodePinMethods,
    ...nodePinValueMethods,
    create(
      request: { readonly type: number; readonly ownerGraph: Ref; readonly configurePins: boolean },
      { scene },
    ) {
      const graph = scene.graph(request.ownerGraph);
      return { result: refTo(scene.createNode(request.type, graph, request.configurePins)) };
    },
    info: ({ objectPtr }: OnObject, context) => ({ result: nodeInfo(nodeOf(context, objectPtr).type) }),
    type: ({ objectPtr }: OnObject, context) => ({ result: nodeOf(context, objectPtr).type.number }),
    outputTextureValueType: textureType,
    configureEmptyPins({ objectPtr }: OnObject, context) {
      context.scene.configureEmptyPins(nodeOf(context, objectPtr));
      return {};
    },
    addDynamicPinForLoading(request: OnObject & { readonly type: number; readonly name: string }, context) {
      const node = nodeOf(context, request.objectPtr);
      const type = context.ids.pinType.findName(request.type);
      if (type === undefined || request.type === 0) throw invalid(`${request.type} is no pin type`);
      if (node.pins.some((pin) => pin.type.spec.name === request.name)) return { result: false };
      context.scene.addDynamicPin(
        node,
        context.scene.catalogue.dynamicPin({
          id: "P_UNKNOWN",
          name: request.name,
          label: request.name,
          description: "A pin that a client added.",
          group: "",
          type,
          defaultNode: undefined,
          control: { kind: "node" },
        }),
      );
      return { result: true };
    },
    canConnectTo: canConnect,
    canConnectTo1: canConnect,
    canConnectToIx: canConnect,
    connectTo: connect,
    connectTo1: connect,
    connectToIx: connect,
    connectedNode: connected,
    connectedNode1: connected,
    connectedNodeIx: connected,
    // There are no linkers to look through, so what is connected is the input.
    inputNode: connected,
    inputNode1: connected,
    inputNodeIx: connected,
    destinationNodes({ objectPtr }: OnObject, context) {
      const destinations = context.scene.destinations(context.scene.item(objectPtr));
      const nodes = destinations.map(({ node }) => node);
      return {
        nodes: objectRef(context, "ApiNodeArray", context.handles.add("ApiNodeArray", nodes)),
        pinNames: { data: destinations.map(({ pin }: { readonly pin: Pin }) => pin.type.spec.name) },
      };
    },
    ownedItem: owned,
    ownedItem1: owned,
    ownedItemIx: owned,
    createInternal: createNode,
    createInternal1: createNode,
    createInternalIx: createNode,
    createInternal2: createGraph,
    createInternal3: createGraph,
    createInternalIx1: createGraph,
    copyFrom: copy,
    copyFrom1: copy,
    copyFromIx: copy,
    // What Octane does on the user's desktop or disk: the simulator has neither and says so.
    setTextureTypeConfiguration: refuse,
    storeToDb: refuse,
    unpackFileData: refuse,
    showOslWindow({ objectPtr }: OnObject, context) {
      nodeOf(context, objectPtr);
      return {};
    },
    closeOslWindow: () => ({ result: true }),
  },
};

/** Fields of an ApiNodeInfo message. */
export function nodeInfo(type: NodeType): Fields {
  const { spec } = type;
  return {
    type: type.number,
    description: spec.description,
    outType: type.outType,
    nodeColor: pinColor(type.outType),
    takesPinDefaultValue: spec.attributes.some((attribute) => attribute.id === "A_VALUE"),
    isCreatableByApi: true,
    category: spec.category,
    defaultName: spec.defaultName,
    attributeInfoCount: type.attributes.length,
    pinInfoCount: type.pins.length,
    movableInputCountAttribute: type.counted?.attribute ?? 0,
    movableInputPinCount: type.counted === undefined ? 0 : 1,
    movableInputName: type.counted?.pin.spec.label ?? "",
    minVersion: 0,
  };
}

function nodeOf(context: SimulatorContext, ref: Ref): SceneNode {
  return context.scene.node(ref);
}

function refuse({ objectPtr }: OnObject, context: SimulatorContext) {
  nodeOf(context, objectPtr);
  return { result: false };
}

function textureValueOf(node: SceneNode, color: number): number {
  return node.type.spec.outType === "PT_TEXTURE" ? color : 0;
}
