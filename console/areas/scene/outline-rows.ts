import { type Child, type SceneGraph, shortType } from "./scene-graph.ts";

/** A row for `Tree`. */
export interface OutlineRow {
  readonly id: string;
  readonly level: number;
  readonly label: string;
  /** Undefined for a node without children. */
  readonly isOpen: boolean | undefined;
  readonly position: number;
  readonly siblings: number;
  readonly handle: string;
  readonly type: string;
  readonly isWire: boolean;
  readonly hasError: boolean;
}

/**
 * The rows of the outline from its top: below open nodes only, or, for a search, every node that has all its words in
 * label, name, type or handle, below the nodes that lead to it.
 */
export function outlineRows(
  graph: SceneGraph,
  isOpen: (handle: string) => boolean,
  search: string,
): readonly OutlineRow[] {
  const rows: OutlineRow[] = [];
  const found = findNodes(graph, search);
  if (graph.rootHandle === undefined || found?.size === 0) return rows;
  put({ handle: graph.rootHandle, place: "", pin: undefined, isWire: false }, "", 1, 1, 1);
  return rows;

  function put(child: Child, parent: string, level: number, position: number, siblings: number): void {
    const { handle, isWire } = child;
    const node = graph.node(handle);
    const children = isWire ? [] : shownChildren(handle);
    const open = found !== undefined || isOpen(handle);
    rows.push({
      id: isWire ? `wire-${parent}-${child.place.replace(" ", "-")}` : `node-${handle}`,
      handle,
      level,
      label: graph.label(handle, child.pin),
      type: String(node?.type ?? ""),
      isOpen: children.length === 0 ? undefined : open,
      isWire,
      hasError: node?.error !== undefined,
      position,
      siblings,
    });
    if (!open) return;
    for (const [index, each] of children.entries()) put(each, handle, level + 1, index + 1, children.length);
  }

  function shownChildren(handle: string): readonly Child[] {
    const children = graph.children(handle);
    return found === undefined
      ? children
      : children.filter((child) => !child.isWire && found.has(child.handle));
  }
}

/** What a search shows: what it finds and the way there; undefined without a search. */
function findNodes(graph: SceneGraph, search: string): ReadonlySet<string> | undefined {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return undefined;
  const found = new Set<string>();
  for (const { handle, name, type } of graph.nodes()) {
    const text = `${graph.label(handle)} ${name} ${type} ${shortType(type)} ${handle}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    found.add(handle);
    for (const each of graph.ancestors(handle)) found.add(each);
  }
  return found;
}
