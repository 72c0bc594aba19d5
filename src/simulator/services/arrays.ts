import type { SceneItem } from "../scene/item.ts";
import type { Reply, ServiceTable, SimulatorContext } from "./handler.ts";
import { type OnObject, type Ref, refTo } from "./request.ts";
import { Status } from "./status.ts";

type AtIndex = OnObject & { readonly index: number };
type Sized = OnObject & { readonly size: number };
type ArrayKind = "ApiItemArray" | "ApiNodeArray";

const maxArraySize = 100_000;

/** Lists of items that other calls return by handle. */
export const itemArrayService: ServiceTable = {
  service: "octaneapi.ApiItemArrayService",
  unary: {
    size: ({ objectPtr }: OnObject, context) => sizeOf(context, "ApiItemArray", objectPtr),
    get: (request: AtIndex, context) => elementOf(context, "ApiItemArray", request),
    items: ({ objectPtr }: OnObject, context) => allOf(context, "ApiItemArray", objectPtr),
    begin1: ({ objectPtr }: OnObject, context) => allOf(context, "ApiItemArray", objectPtr),
    // One past the last element: no object.
    end1({ objectPtr }: OnObject, context) {
      context.handles.get("ApiItemArray", objectPtr);
      return { result: { data: [] } };
    },
    init: (request: Sized, context) => resize(context, "ApiItemArray", request),
  },
};

/** Lists of nodes. */
export const nodeArrayService: ServiceTable = {
  service: "octaneapi.ApiNodeArrayService",
  unary: {
    size1: ({ objectPtr }: OnObject, context) => sizeOf(context, "ApiNodeArray", objectPtr),
    get1: (request: AtIndex, context) => elementOf(context, "ApiNodeArray", request),
    items1: ({ objectPtr }: OnObject, context) => allOf(context, "ApiNodeArray", objectPtr),
    begin11: ({ objectPtr }: OnObject, context) => ({
      result: refTo(context.handles.get("ApiNodeArray", objectPtr)[0]),
    }),
    end11({ objectPtr }: OnObject, context) {
      context.handles.get("ApiNodeArray", objectPtr);
      return { result: refTo(undefined) };
    },
    init1: (request: Sized, context) => resize(context, "ApiNodeArray", request),
  },
};

function sizeOf(context: SimulatorContext, kind: ArrayKind, ref: Ref): Reply {
  return { result: context.handles.get(kind, ref).length };
}

/** Items that were destroyed since show as the null object. */
function elementOf(context: SimulatorContext, kind: ArrayKind, { objectPtr, index }: AtIndex): Reply {
  const elements = context.handles.get(kind, objectPtr);
  if (index >= elements.length) {
    throw new Status("OUT_OF_RANGE", `index ${index} is past the end of an array of ${elements.length}`);
  }
  return { result: refTo(living(context, elements[index])) };
}

function allOf(context: SimulatorContext, kind: ArrayKind, ref: Ref): Reply {
  return { result: { data: context.handles.get(kind, ref).map((item) => refTo(living(context, item))) } };
}

function resize(context: SimulatorContext, kind: ArrayKind, { objectPtr, size }: Sized): Reply {
  if (size > maxArraySize)
    throw new Status("OUT_OF_RANGE", `an array holds ${maxArraySize} items, came ${size}`);
  context.handles.replace(
    kind,
    objectPtr?.handle ?? 0n,
    Array.from({ length: size }, () => undefined),
  );
  return {};
}

function living(context: SimulatorContext, item: SceneItem | undefined): SceneItem | undefined {
  return item === undefined ? undefined : context.scene.findItem(item.handle);
}
