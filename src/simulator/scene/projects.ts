import { cloneItems } from "./clone.ts";
import type { SceneGraph, SceneItem, SceneNode } from "./item.ts";
import { addRenderTarget, addTeapot, buildSampleScene, samplePath } from "./sample-scene.ts";
import type { Scene } from "./scene.ts";

/** The open project and the saved ones. They are kept in memory: the simulator writes no files. */
export interface Projects {
  /** Path of the open project; empty for a new one. */
  readonly currentPath: string;
  /** The application's own nodes; they belong to no graph. Settings and metadata are new with each project. */
  readonly preferences: SceneNode;
  readonly settings: SceneNode;
  readonly metadata: SceneNode;
  /** Opens a new project, which is the sample scene under no name. */
  reset(): void;
  /** Opens a project that was saved before, or the sample; false and nothing changed for another path. */
  load(path: string): boolean;
  /** False for a project without a path. */
  save(): boolean;
  /** False for an empty path. */
  saveAs(path: string): boolean;
  /** As saveAs, but the open project keeps its path. */
  saveCopy(path: string): boolean;
  /** Copies the items of a saved project into a graph; false for a path that was not saved. */
  importInto(graph: SceneGraph, path: string): boolean;
}

interface Saved {
  readonly root: SceneGraph;
  readonly renderTarget: SceneItem | undefined;
}

const maxSaved = 32;

/** Starts with the sample project. */
export function createProjects(scene: Scene, size: readonly [number, number] | undefined): Projects {
  const saved = new Map<string, Saved>();
  let currentPath = samplePath;
  // In this order the render target gets the handle 1000025, whose row a known client opens by itself.
  const teapot = addTeapot(scene);
  const preferences = scene.createLooseNode("NT_LOCAL_APP_PREFS");
  let settings = scene.createLooseNode("NT_PROJECT_SETTINGS");
  let metadata = scene.createLooseNode("NT_METADATA");
  addRenderTarget(scene, teapot, size);

  const renew = (path: string): void => {
    currentPath = path;
    scene.discardLoose(settings);
    scene.discardLoose(metadata);
    settings = scene.createLooseNode("NT_PROJECT_SETTINGS");
    metadata = scene.createLooseNode("NT_METADATA");
  };
  const store = (path: string): boolean => {
    if (path === "") return false;
    saved.delete(path);
    saved.set(path, snapshot(scene));
    const oldest = saved.keys().next().value;
    if (saved.size > maxSaved && oldest !== undefined) saved.delete(oldest);
    return true;
  };
  const storeAs = (path: string): boolean => {
    if (!store(path)) return false;
    currentPath = path;
    return true;
  };

  return {
    get currentPath() {
      return currentPath;
    },
    preferences,
    get settings() {
      return settings;
    },
    get metadata() {
      return metadata;
    },
    reset() {
      renew("");
      scene.replaceProject((empty) => buildSampleScene(empty, size));
    },
    load(path) {
      const project = saved.get(path);
      if (project === undefined && !isSample(path)) return false;
      renew(path);
      scene.replaceProject((empty) => {
        if (project === undefined) return buildSampleScene(empty, size);
        const copies = empty.copyInto(empty.root, project.root.items);
        const target = project.renderTarget && copies.get(project.renderTarget);
        if (target?.kind === "node") empty.setRenderTarget(target);
      });
      return true;
    },
    save: () => store(currentPath),
    saveAs: storeAs,
    saveCopy: store,
    importInto(graph, path) {
      const project = saved.get(path);
      if (project !== undefined) scene.copyInto(graph, project.root.items);
      return project !== undefined;
    },
  };
}

/** A copy that lives outside the scene. */
function snapshot(scene: Scene): Saved {
  const copies = cloneItems([scene.root], undefined, () => 0);
  const root = copies.get(scene.root);
  if (root?.kind !== "graph") throw new Error("the copy of the root graph is missing");
  return { root, renderTarget: scene.renderTarget && copies.get(scene.renderTarget) };
}

function isSample(path: string): boolean {
  return /(^|[\\/])teapot\.(orbx|ocs)$/i.test(path);
}
