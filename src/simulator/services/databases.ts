import {
  addMaterial,
  allCategories,
  type LibraryCategory,
  materialLibrary,
} from "../scene/material-library.ts";
import type { ServiceTable, SimulatorContext } from "./handler.ts";
import { objectRef } from "./object-refs.ts";
import { nullRef, type OnObject, type Ref, refTo } from "./request.ts";
import { notFound, Status } from "./status.ts";

type AtIndex = OnObject & { readonly index: number };
type Destination = { readonly destinationGraph: Ref };

/** The local database: the simulator's material library as categories and packages. */
export const localDbService: ServiceTable = {
  service: "octaneapi.ApiLocalDBService",
  unary: { root: (_, context) => ({ result: categoryRef(context, materialLibrary) }) },
};

export const localDbCategoryService: ServiceTable = {
  service: "octaneapi.ApiLocalDB_CategoryService",
  unary: {
    name: ({ objectPtr }: OnObject, context) => ({ result: category(context, objectPtr).name }),
    packageCount: ({ objectPtr }: OnObject, context) => ({
      result: category(context, objectPtr).materials.length,
    }),
    package({ objectPtr, index }: AtIndex, context) {
      const entry = at(category(context, objectPtr).materials, index);
      return {
        result: objectRef(context, "ApiLocalDB_Package", context.handles.add("ApiLocalDB_Package", entry)),
      };
    },
    subCategoryCount: ({ objectPtr }: OnObject, context) => ({
      result: category(context, objectPtr).subCategories.length,
    }),
    subCategory: ({ objectPtr, index }: AtIndex, context) => ({
      result: categoryRef(context, at(category(context, objectPtr).subCategories, index)),
    }),
  },
};

export const localDbPackageService: ServiceTable = {
  service: "octaneapi.ApiLocalDB_PackageService",
  unary: {
    name1: ({ objectPtr }: OnObject, { handles }) => ({
      result: handles.get("ApiLocalDB_Package", objectPtr).name,
    }),
    hasThumbnail({ objectPtr }: OnObject, { handles }) {
      handles.get("ApiLocalDB_Package", objectPtr);
      return { result: false };
    },
    loadPackage({ objectPtr, destinationGraph }: OnObject & Destination, { handles, scene }) {
      const entry = handles.get("ApiLocalDB_Package", objectPtr);
      addMaterial(scene, destination(scene, destinationGraph), entry);
      return { result: true };
    },
  },
};

/** The online database: the same library, so that nothing needs a network. */
export const materialDbService: ServiceTable = {
  service: "octaneapi.ApiDBMaterialManagerService",
  unary: {
    getCategories(_, context) {
      const categories = allCategories().map((entry) => ({
        id: entry.id,
        parentID: entry === materialLibrary ? 0 : materialLibrary.id,
        typeID: entry === materialLibrary ? 1 : 2,
        name: entry.name,
      }));
      const kind = "ApiDBMaterialManager_DBCategoryArray";
      return { result: true, list: objectRef(context, kind, context.handles.add(kind, categories)) };
    },
    getMaterials({ categoryId }: { readonly categoryId: number }, context) {
      const found = allCategories().find(({ id }) => id === categoryId);
      if (found === undefined) return { result: false, list: nullRef() };
      const materials = found.materials.map(({ id, name }) => ({
        id,
        categoryID: found.id,
        name,
        nickname: "simulator",
      }));
      const kind = "ApiDBMaterialManager_DBMaterialArray";
      return { result: true, list: objectRef(context, kind, context.handles.add(kind, materials)) };
    },
    // The library has no pictures of its materials.
    getMaterialPreview: () => ({ result: { data: new Uint8Array(), size: 0 }, size: { x: 0, y: 0 } }),
    downloadMaterial(
      { materialId, destinationGraph }: { readonly materialId: number } & Destination,
      { scene },
    ) {
      const entry = allCategories()
        .flatMap(({ materials }) => materials)
        .find(({ id }) => id === materialId);
      if (entry === undefined) throw notFound(`the simulator's library has no material ${materialId}`);
      return {
        result: true,
        outputNode: refTo(addMaterial(scene, destination(scene, destinationGraph), entry)),
      };
    },
  },
};

export const materialDbCategoryArrayService: ServiceTable = {
  service: "octaneapi.ApiDBMaterialManager_DBCategoryArrayService",
  unary: {
    getCount: ({ objectPtr }: OnObject, { handles }) => ({
      result: handles.get("ApiDBMaterialManager_DBCategoryArray", objectPtr).length,
    }),
    getCategory: ({ objectPtr }: OnObject, { handles }) => ({
      result: { categories: handles.get("ApiDBMaterialManager_DBCategoryArray", objectPtr) },
    }),
  },
};

export const materialDbMaterialArrayService: ServiceTable = {
  service: "octaneapi.ApiDBMaterialManager_DBMaterialArrayService",
  unary: {
    getCount1: ({ objectPtr }: OnObject, { handles }) => ({
      result: handles.get("ApiDBMaterialManager_DBMaterialArray", objectPtr).length,
    }),
    getMaterial: ({ objectPtr }: OnObject, { handles }) => ({
      result: { materials: handles.get("ApiDBMaterialManager_DBMaterialArray", objectPtr) },
    }),
  },
};

function category(context: SimulatorContext, ref: Ref): LibraryCategory {
  return context.handles.get("ApiLocalDB_Category", ref);
}

function categoryRef(context: SimulatorContext, entry: LibraryCategory) {
  return objectRef(context, "ApiLocalDB_Category", context.handles.add("ApiLocalDB_Category", entry));
}

/** The null object means the root graph. */
function destination(scene: SimulatorContext["scene"], ref: Ref) {
  return scene.itemOrNull(ref) === undefined ? scene.root : scene.graph(ref);
}

function at<Entry>(entries: readonly Entry[], index: number): Entry {
  const entry = entries[index];
  if (entry === undefined)
    throw new Status("OUT_OF_RANGE", `index ${index} is past the end of ${entries.length}`);
  return entry;
}
