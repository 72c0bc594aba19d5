import type { Pin, SceneItem, SceneNode } from "./item.ts";

/** Every pin among `items` that the item is wired to. */
export function destinationsOf(
  item: SceneItem,
  items: Iterable<SceneItem>,
): readonly { readonly node: SceneNode; readonly pin: Pin }[] {
  const found: { node: SceneNode; pin: Pin }[] = [];
  for (const node of items) {
    if (node.kind !== "node") continue;
    for (const pin of node.pins) if (pin.source === item) found.push({ node, pin });
  }
  return found;
}

/** True when `target` is reached from `item` along wires and ownership. */
export function dependsOn(item: SceneItem, target: SceneItem): boolean {
  return [...inputTree(item)].includes(target);
}

/** The item and everything that it uses, each once. */
export function inputTree(item: SceneItem): ReadonlySet<SceneItem> {
  const seen = new Set<SceneItem>();
  const open = [item];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (next.kind === "graph") open.push(...next.items);
    else open.push(...next.pins.flatMap((pin) => pin.source ?? []));
  }
  return seen;
}
