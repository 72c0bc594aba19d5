import type { ServiceTable, UnaryHandler } from "./handler.ts";
import { octaneVersion } from "./item.ts";
import { nullRef, refTo } from "./request.ts";

const noObject: UnaryHandler = () => ({ result: nullRef() });

/** The open project. Projects are kept in memory under the path that they are saved as; no file is touched. */
export const projectService: ServiceTable = {
  service: "octaneapi.ApiProjectManagerService",
  unary: {
    isValid: () => ({ result: true }),
    rootNodeGraph: (_, { scene }) => ({ result: refTo(scene.root) }),
    applicationPreferences: (_, { projects }) => ({ result: refTo(projects.preferences) }),
    projectSettings: (_, { projects }) => ({ result: refTo(projects.settings) }),
    projectMetadata: (_, { projects }) => ({ result: refTo(projects.metadata) }),
    previewRenderTarget: noObject,
    materialBall: noObject,
    getCurrentProject: (_, { projects }) => ({ result: projects.currentPath }),
    resetProject(_, { projects }) {
      projects.reset();
      return { result: true };
    },
    loadProject({ projectPath }: { readonly projectPath: string }, { projects }) {
      return { result: projects.load(projectPath) };
    },
    loadedFromPackage: (_, { projects }) => ({ result: /\.orbx$/i.test(projects.currentPath) }),
    loadedOcsVersion: () => ({ result: octaneVersion }),
    saveProject: (_, { projects }) => ({ result: projects.save() }),
    saveProjectAs: ({ path }: { readonly path: string }, { projects }) => ({ result: projects.saveAs(path) }),
    saveProjectAsReferencePackage({ path }: { readonly path: string }, { projects }) {
      return { result: projects.saveCopy(path) };
    },
    // Nothing is unpacked: the simulator keeps no packages on disk.
    unpackPackage: () => ({ result: false }),
    // Every open callback channel hears of project changes, whoever observes.
    addObserver: (_, context) => ({ callbackId: context.nextCallbackId() }),
    removeObserver: () => ({}),
  },
};
