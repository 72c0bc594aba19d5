import { type Pin, type SceneItem, type SceneNode, withOwned } from "./item.ts";

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

/** True when a copy of the item with all that it owns would reach `target`: wires among them lead to copies. */
export function copyDependsOn(item: SceneItem, target: SceneItem): boolean {
  const copied = new Set(withOwned(item));
  const kept = [...copied].flatMap(sourcesOf).filter((source) => !copied.has(source));
  return [...new Set(kept)].some((source) => dependsOn(source, target));
}

/** The item and everything that it uses, each once. */
export function inputTree(item: SceneItem): ReadonlySet<SceneItem> {
  const seen = new Set<SceneItem>();
  const open = [item];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(next.kind === "graph" ? next.items : sourcesOf(next)));
  }
  return seen;
}

function sourcesOf(item: SceneItem): SceneItem[] {
  return item.kind === "graph" ? [] : item.pins.flatMap((pin) => pin.source ?? []);
}
