import type { ServiceTable, SimulatorContext, UnaryHandler } from "./handler.ts";
import { octaneVersion } from "./item.ts";
import type { OnObject } from "./request.ts";
import { invalid } from "./status.ts";

const nothing: UnaryHandler = ({ objectPtr }: OnObject, context) => {
  requireRoot(context, objectPtr);
  return {};
};

/** The graph that a project is. Files are the projects saved in memory. */
export const rootGraphService: ServiceTable = {
  service: "octaneapi.ApiRootNodeGraphService",
  unary: {
    convertAndEvaluate({ objectPtr }: OnObject, context) {
      requireRoot(context, objectPtr);
      evaluateAll(context);
      return {};
    },
    animationTimeSpan({ objectPtr }: OnObject, context) {
      requireRoot(context, objectPtr);
      return { result: { begin: { value: 0 }, end: { value: 0 } } };
    },
    updateTime(request: OnObject & { readonly time?: { readonly value: number } }, context) {
      requireRoot(context, request.objectPtr);
      context.scene.time = request.time?.value ?? 0;
      return {};
    },
    importFromFile({ objectPtr, path }: OnObject & { readonly path: string }, { scene, projects }) {
      const result = projects.importInto(scene.graph(objectPtr), path);
      return { result, callbackId: 0, ocsVersion: result ? octaneVersion : 0 };
    },
    exportToFile({ objectPtr, filePath }: OnObject & { readonly filePath: string }, context) {
      requireRoot(context, objectPtr);
      return { result: context.projects.saveCopy(filePath) };
    },
    referenceGraphCount({ objectPtr }: OnObject, context) {
      requireRoot(context, objectPtr);
      return { result: 0 };
    },
    loadAllReferences: nothing,
    unloadAllReferences: nothing,
  },
};

/** Ends what `evaluate: false` left open. */
export function evaluateAll({ scene }: SimulatorContext): void {
  for (const item of scene.items()) {
    for (const attribute of item.attributes.values()) attribute.dirty = false;
    if (item.kind === "node") for (const pin of item.pins) pin.dirty = false;
  }
}

function requireRoot({ scene }: SimulatorContext, ref: OnObject["objectPtr"]): void {
  const graph = scene.graph(ref);
  if (graph !== scene.root) throw invalid(`"${graph.name}" is not the root graph of a project`);
}
