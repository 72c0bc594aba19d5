import type { SceneGraph, SceneNode } from "./item.ts";
import { findPin, valueBehind } from "./pin-values.ts";
import type { Scene } from "./scene.ts";

/** A material that a client can put into the scene. */
export interface LibraryMaterial {
  readonly id: number;
  readonly name: string;
  readonly nodeType: string;
  /** Numbers for pins, by the names of their ids. */
  readonly values: readonly (readonly [pinId: string, value: readonly number[]])[];
}

export interface LibraryCategory {
  readonly id: number;
  readonly name: string;
  readonly subCategories: readonly LibraryCategory[];
  readonly materials: readonly LibraryMaterial[];
}

/** What the simulated local and online databases offer. */
export const materialLibrary: LibraryCategory = {
  id: 1,
  name: "Simulator library",
  materials: [],
  subCategories: [
    category(2, "Plastics", [
      material(101, "Red plastic", "NT_MAT_GLOSSY", [
        ["P_DIFFUSE", [0.7, 0.04, 0.03]],
        ["P_ROUGHNESS", [0.1]],
      ]),
      material(102, "Blue plastic", "NT_MAT_GLOSSY", [
        ["P_DIFFUSE", [0.03, 0.12, 0.6]],
        ["P_ROUGHNESS", [0.1]],
      ]),
    ]),
    category(3, "Glass", [
      material(103, "Clear glass", "NT_MAT_SPECULAR", [["P_INDEX", [1.5]]]),
      material(104, "Green glass", "NT_MAT_SPECULAR", [["P_TRANSMISSION", [0.35, 0.85, 0.45]]]),
    ]),
    category(4, "Matt", [
      material(105, "White clay", "NT_MAT_DIFFUSE", [["P_DIFFUSE", [0.8, 0.78, 0.74]]]),
      material(106, "Terracotta", "NT_MAT_DIFFUSE", [["P_DIFFUSE", [0.55, 0.2, 0.1]]]),
    ]),
  ],
};

/** The category and all below it. */
export function allCategories(root: LibraryCategory = materialLibrary): readonly LibraryCategory[] {
  return [root, ...root.subCategories.flatMap(allCategories)];
}

/** Creates the material with its default nodes in the graph. */
export function addMaterial(scene: Scene, graph: SceneGraph, entry: LibraryMaterial): SceneNode {
  const node = scene.createNode(scene.ids.node.number(entry.nodeType), graph, true);
  node.name = entry.name;
  for (const [pinId, value] of entry.values) {
    const pin = findPin(node, pinId);
    const attribute = pin && valueBehind(pin);
    if (attribute === undefined || !Array.isArray(attribute.value)) continue;
    attribute.value = attribute.value.map((old, i) => (value[i] === undefined ? old : Math.fround(value[i])));
  }
  scene.changed({ kind: "value", item: node });
  return node;
}

function category(id: number, name: string, materials: readonly LibraryMaterial[]): LibraryCategory {
  return { id, name, materials, subCategories: [] };
}

function material(
  id: number,
  name: string,
  nodeType: string,
  values: LibraryMaterial["values"],
): LibraryMaterial {
  return { id, name, nodeType, values };
}
