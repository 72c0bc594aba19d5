import type { SceneAttribute, SceneNode, ScenePin } from "../../../src/client/scene.ts";
import type { SceneGraph } from "./scene-graph.ts";

/** A value with its label. */
export interface ValueEntry {
  readonly kind: "value";
  readonly key: string;
  readonly label: string;
  readonly node: SceneNode;
  readonly attribute: SceneAttribute;
  /** What stands for the value, with its range and description. */
  readonly pin: ScenePin | undefined;
}

/** A node behind a pin, or none. */
export interface NodeEntry {
  readonly kind: "node";
  readonly key: string;
  readonly label: string;
  readonly pin: ScenePin;
  /** Undefined where nothing is connected. */
  readonly handle: string | undefined;
  /** Undefined where it cannot be opened here. */
  readonly isOpen: boolean | undefined;
  /** Of an open one. */
  readonly groups: readonly EntryGroup[];
}

export type Entry = ValueEntry | NodeEntry;

export interface EntryGroup {
  /** Empty for what is in no group. */
  readonly label: string;
  readonly entries: readonly Entry[];
}

/** What the inspector shows of a node: its own values, then its pins in Octane's groups and order. */
export function inspectorGroups(
  graph: SceneGraph,
  handle: string,
  isOpen: (handle: string) => boolean,
  above: readonly string[] = [],
): readonly EntryGroup[] {
  const node = graph.node(handle);
  if (node === undefined) return [];
  const own = ownValues(node, graph.pinOf(handle));
  const children = new Map(graph.children(handle).map((child) => [child.place, child]));
  const groups: { label: string; entries: Entry[] }[] = own.length === 0 ? [] : [{ label: "", entries: own }];
  for (const pin of node.pins) {
    const label = pin.group ?? "";
    let group = groups.at(-1);
    if (group === undefined || group.label !== label || group.entries === own) {
      group = { label, entries: [] };
      groups.push(group);
    }
    group.entries.push(pinEntry(pin));
  }
  return groups;

  function pinEntry(pin: ScenePin): Entry {
    const child = children.get(`pin ${pin.index}`);
    const target = child === undefined ? undefined : graph.node(child.handle);
    const label = pin.label || `Pin ${pin.index + 1}`;
    const key = `${handle} pin ${pin.index}`;
    const value = target === undefined ? undefined : soleValue(target);
    if (target !== undefined && value !== undefined) {
      return { kind: "value", key, label, node: target, attribute: value, pin };
    }
    const canOpen = target !== undefined && child?.isWire === false && !above.includes(target.handle);
    const open = canOpen ? isOpen(target.handle) : undefined;
    return {
      kind: "node",
      key,
      label,
      pin,
      handle: child?.handle,
      isOpen: open,
      groups: open === true ? inspectorGroups(graph, target?.handle ?? "", isOpen, [...above, handle]) : [],
    };
  }
}

/** Every value among the entries, also in open nodes. */
export function shownValues(groups: readonly EntryGroup[]): readonly ValueEntry[] {
  return groups.flatMap(({ entries }) =>
    entries.flatMap((entry) => (entry.kind === "value" ? [entry] : shownValues(entry.groups))),
  );
}

function ownValues(node: SceneNode, pin: ScenePin | undefined): Entry[] {
  return (node.attributes ?? []).map((attribute) => ({
    kind: "value",
    key: `${node.handle} ${attribute.id}`,
    label: attribute.id === "A_VALUE" ? (pin?.label ?? "Value") : attributeLabel(attribute.id),
    node,
    attribute,
    pin: attribute.id === "A_VALUE" ? pin : undefined,
  }));
}

/** A node that is nothing but a value stands in the place of its pin. */
function soleValue(node: SceneNode): SceneAttribute | undefined {
  const value = node.attributes?.find(({ id }) => id === "A_VALUE");
  return node.pins.length === 0 && node.attributes?.length === 1 ? value : undefined;
}

/** `A_MATERIAL_NAMES` as `Material names`. */
function attributeLabel(id: string | number): string {
  const words = String(id).replace(/^A_/, "").replaceAll("_", " ").toLowerCase();
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
