import { computed, signal } from "@preact/signals";
import { linkState } from "../../api/health.ts";
import { route } from "../../app/route.ts";
import { inspectorGroups } from "./inspector-entries.ts";
import { createSceneEdits } from "./scene-edits.ts";
import { createSceneSession } from "./scene-session.ts";

/** Lives as long as the page, so that the area opens again as it was left. */
export const session = createSceneSession();

export const edits = createSceneEdits(session);

/** Whether Octane can take a change, and the values that are shown are its own. */
export const canEdit = computed(() => session.isCurrent.value && linkState.value === "ready");

/** Nodes that somebody opened (`true`) or closed (`false`); the others stand as they do at first. */
export const outlineToggles = signal<ReadonlyMap<string, boolean>>(new Map());

export const inspectorToggles = signal<ReadonlySet<string>>(new Set());

/** The node that the address names, else the render target, else the top. */
export const selectedHandle = computed(() => {
  session.changes.value;
  const graph = session.graph.value;
  const named = route.value.area === "scene" ? route.value.path[0] : lastNamed;
  lastNamed = named;
  if (named !== undefined && graph.node(named) !== undefined) return named;
  // While the scene comes in, the named node may still be on its way.
  if (named !== undefined && session.loading.value.kind === "loading") return undefined;
  for (const child of graph.children(graph.rootHandle ?? "")) {
    if (graph.node(child.handle)?.type === "NT_RENDERTARGET") return child.handle;
  }
  return graph.rootHandle;
});

let lastNamed: string | undefined;

export const inspected = computed(() => {
  session.changes.value;
  const handle = selectedHandle.value;
  if (handle === undefined) return [];
  const open = inspectorToggles.value;
  return inspectorGroups(session.graph.value, handle, (each) => open.has(each));
});

/** The top two levels are open at first. */
export function isOpenInOutline(handle: string): boolean {
  const graph = session.graph.value;
  return (
    outlineToggles.value.get(handle) ??
    (handle === graph.rootHandle || graph.parentOf(handle) === graph.rootHandle)
  );
}
