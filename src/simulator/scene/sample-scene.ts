import type { SceneNode } from "./item.ts";
import { findPin, nodeBehind } from "./pin-values.ts";
import type { Scene } from "./scene.ts";
import { createTeapotMesh } from "./teapot-mesh.ts";
import type { Value } from "./value-types.ts";

/** What the sample project is called; loading a path with this file name opens it again. */
export const samplePath = "simulator/teapot.orbx";

/**
 * Fills an empty project with the teapot scene: a mesh, its material and a render target with all its
 * settings. 311 items with the root graph, 309 pins, every one connected.
 */
export function buildSampleScene(scene: Scene, size: readonly [number, number] | undefined): void {
  addRenderTarget(scene, addTeapot(scene), size);
}

/** The mesh with its material: 20 items. */
export function addTeapot(scene: Scene): SceneNode {
  const { ids, root } = scene;
  const mesh = scene.createNode(ids.node.number("NT_GEO_MESH"), root, false);
  mesh.name = "teapot.obj";
  mesh.position = [544, 35];
  mesh.geometry = createTeapotMesh();
  setAttribute(mesh, "A_FILENAME", "assets\\teapot.obj");
  const material = scene.addDynamicPin(mesh, materialPin(scene, "cube"));
  scene.createInternal(mesh, material, ids.node.number("NT_MAT_DIFFUSE"), true);
  return mesh;
}

/** The render target with all that it owns, showing the mesh. */
export function addRenderTarget(
  scene: Scene,
  mesh: SceneNode,
  size: readonly [number, number] | undefined,
): void {
  const { ids, root } = scene;
  const target = scene.createNode(ids.node.number("NT_RENDERTARGET"), root, true);
  target.name = "Render target";
  target.position = [595.33, 94.67];
  const geometry = findPin(target, "P_MESH");
  if (geometry !== undefined) scene.connect(target, geometry, mesh, true);
  const resolution = nodeBehind(nodeBehind(target, "P_FILM_SETTINGS"), "P_RESOLUTION");
  if (size !== undefined) setAttribute(resolution, "A_VALUE", [size[0], size[1], 0]);
}

function setAttribute(node: SceneNode | undefined, id: string, value: Value): void {
  for (const attribute of node?.attributes.values() ?? []) {
    if (attribute.spec.id === id) attribute.value = value;
  }
}

/** The pin that a mesh has for a material name. */
export function materialPin(scene: Scene, name: string) {
  return scene.catalogue.dynamicPin({
    id: "P_UNKNOWN",
    name,
    label: name,
    description: `Material of the polygons named "${name}".`,
    group: "Materials",
    type: "PT_MATERIAL",
    defaultNode: "NT_MAT_DIFFUSE",
    control: { kind: "node" },
  });
}
