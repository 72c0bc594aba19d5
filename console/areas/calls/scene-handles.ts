import type { SceneNode } from "../../../src/client/client.ts";
import { client } from "../../api/proxy.ts";
import type { SeenHandle } from "./seen-handles.ts";

export const mostSceneHandles = 2_000;

/** Everything in the scene that has a handle, parents first, up to a bound. @throws OctaneError */
export async function loadSceneHandles(signal: AbortSignal): Promise<readonly SeenHandle[]> {
  return listHandles(await client.value.sceneTree({ fields: ["name"], signal }));
}

export function listHandles(root: SceneNode): readonly SeenHandle[] {
  const found: SeenHandle[] = [];
  const waiting = [root];
  for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
    found.push({
      handle: node.handle,
      name: node.name || "without a name",
      type: typeOf(node, node === root),
    });
    if (found.length === mostSceneHandles) break;
    const children = [...(node.items ?? []), ...(node.pins ?? []).map(({ connected }) => connected)];
    for (const child of children) if (isNode(child)) waiting.push(child);
  }
  return found;
}

function isNode(child: object | null | undefined): child is SceneNode {
  return child !== null && child !== undefined && "handle" in child;
}

/** As references name it. */
function typeOf({ kind }: SceneNode, isRoot: boolean): string {
  if (kind === "node") return "ApiNode";
  return isRoot ? "ApiRootNodeGraph" : "ApiNodeGraph";
}
