import { type Owner, ownedBy, type Pin, type SceneGraph, type SceneItem, type SceneNode } from "./item.ts";

/**
 * Copies items with all that they own. Wires among them lead to the copies, wires to others stay as they are.
 * The copies are registered nowhere; the map has every original with its copy.
 */
export function cloneItems(
  roots: readonly SceneItem[],
  owner: Owner | undefined,
  nextHandle: () => number,
): Map<SceneItem, SceneItem> {
  const copies = new Map<SceneItem, SceneItem>();

  const fieldsOf = (item: SceneItem, newOwner: Owner | undefined) => ({
    handle: nextHandle(),
    objectType: item.objectType,
    name: item.name,
    position: item.position,
    uiFlags: item.uiFlags,
    owner: newOwner,
    attributes: new Map([...item.attributes].map(([id, attribute]) => [id, { ...attribute }])),
  });
  const copy = (item: SceneItem, newOwner: Owner | undefined): SceneItem =>
    item.kind === "graph" ? copyGraph(item, newOwner) : copyNode(item, newOwner);
  const copyGraph = (graph: SceneGraph, newOwner: Owner | undefined): SceneGraph => {
    const made: SceneGraph = { ...fieldsOf(graph, newOwner), kind: "graph", type: graph.type, items: [] };
    copies.set(graph, made);
    for (const item of graph.items) made.items.push(copy(item, { kind: "graph", graph: made }));
    return made;
  };
  const copyNode = (node: SceneNode, newOwner: Owner | undefined): SceneNode => {
    const { type, geometry } = node;
    const made: SceneNode = { ...fieldsOf(node, newOwner), kind: "node", type, pins: [], geometry };
    copies.set(node, made);
    for (const pin of node.pins) {
      const madePin: Pin = { ...pin, source: pin.source };
      made.pins.push(madePin);
      const owned = ownedBy(node, pin);
      if (owned !== undefined) madePin.source = copy(owned, { kind: "pin", node: made, pin: madePin });
    }
    return made;
  };

  for (const root of roots) copy(root, owner);
  for (const made of copies.values()) {
    if (made.kind !== "node") continue;
    for (const pin of made.pins) {
      if (pin.source !== undefined) pin.source = copies.get(pin.source) ?? pin.source;
    }
  }
  return copies;
}
