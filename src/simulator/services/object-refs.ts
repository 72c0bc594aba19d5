import type { HandleKind } from "../scene/handle-table.ts";
import type { SceneItem } from "../scene/item.ts";
import type { SimulatorContext } from "./handler.ts";

/** The reply reference of an object in the handle table. */
export function objectRef(
  context: SimulatorContext,
  kind: HandleKind,
  handle: number,
): { handle: bigint; type: number } {
  return { handle: BigInt(handle), type: context.ids.object.number(kind) };
}

/** A new ApiItemArray of the items. */
export function itemArrayRef(
  context: SimulatorContext,
  items: readonly SceneItem[],
): { handle: bigint; type: number } {
  return objectRef(context, "ApiItemArray", context.handles.add("ApiItemArray", items));
}
