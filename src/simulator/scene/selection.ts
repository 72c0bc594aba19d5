import type { SceneItem, SceneNode } from "./item.ts";
import type { Scene } from "./scene.ts";

/** What the user has selected. Items that are destroyed drop out by themselves. */
export interface Selection {
  readonly items: readonly SceneItem[];
  readonly pins: readonly { readonly node: SceneNode; readonly pinIx: number }[];
  select(item: SceneItem): void;
  deselect(item: SceneItem): void;
  selectPin(node: SceneNode, pinIx: number): void;
  deselectPin(node: SceneNode, pinIx: number): void;
  clear(): void;
}

export function createSelection(scene: Scene): Selection {
  const items = new Set<SceneItem>();
  let pins: { node: SceneNode; pinIx: number }[] = [];
  const lives = (item: SceneItem): boolean => scene.findItem(item.handle) === item;
  return {
    get items() {
      return [...items].filter(lives);
    },
    get pins() {
      return pins.filter(({ node, pinIx }) => lives(node) && pinIx < node.pins.length);
    },
    select(item) {
      for (const gone of items) if (!lives(gone)) items.delete(gone);
      items.add(item);
    },
    deselect: (item) => void items.delete(item),
    selectPin(node, pinIx) {
      pins = [
        ...pins.filter((pin) => lives(pin.node) && (pin.node !== node || pin.pinIx !== pinIx)),
        { node, pinIx },
      ];
    },
    deselectPin(node, pinIx) {
      pins = pins.filter((pin) => pin.node !== node || pin.pinIx !== pinIx);
    },
    clear() {
      items.clear();
      pins = [];
    },
  };
}
