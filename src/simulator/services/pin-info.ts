import type { PinType } from "../scene/catalogue.ts";
import { pinInfoOf } from "../scene/pin-info.ts";
import type { Fields, ServiceTable, SimulatorContext } from "./handler.ts";
import { objectRef } from "./object-refs.ts";

type OnPinInfo = { readonly nodePinInfoRef: { readonly handle: bigint } | undefined };
type WithInfo = { readonly nodePinInfo: Fields | undefined };

/** Descriptions of pins, which clients hold by handle. */
export const pinInfoService: ServiceTable = {
  service: "octaneapi.ApiNodePinInfoExService",
  unary: {
    getApiNodePinInfo({ nodePinInfoRef }: OnPinInfo, { handles }) {
      return { success: true, nodePinInfo: handles.get("ApiNodePinInfo", nodePinInfoRef) };
    },
    createApiNodePinInfo({ nodePinInfo }: WithInfo, context) {
      return { nodePinInfoRef: addPinInfo(context, nodePinInfo ?? {}) };
    },
    createApiNodePinInfoArray({ nodePinInfo }: { readonly nodePinInfo: readonly Fields[] }, context) {
      return { nodePinInfoRefs: nodePinInfo.map((info) => addPinInfo(context, info)) };
    },
    updateApiNodePinInfo({ nodePinInfoRef, nodePinInfo }: OnPinInfo & WithInfo, { handles }) {
      handles.replace("ApiNodePinInfo", nodePinInfoRef?.handle ?? 0n, nodePinInfo ?? {});
      return { success: true };
    },
    deleteApiNodePinInfo({ nodePinInfoRef }: OnPinInfo, { handles }) {
      handles.get("ApiNodePinInfo", nodePinInfoRef);
      return { success: handles.delete(nodePinInfoRef?.handle ?? 0n) };
    },
  },
};

/** The handle of a pin's description; the same pin type keeps its handle while it is in use. */
export function pinInfoRef(context: SimulatorContext, pin: PinType): { handle: bigint; type: number } {
  const known = context.pinInfoHandles.get(pin);
  if (known !== undefined && context.handles.findKind(BigInt(known)) === "ApiNodePinInfo") {
    return objectRef(context, "ApiNodePinInfo", known);
  }
  const ref = addPinInfo(context, pinInfoOf(pin));
  context.pinInfoHandles.set(pin, Number(ref.handle));
  return ref;
}

function addPinInfo(context: SimulatorContext, info: Fields): { handle: bigint; type: number } {
  return objectRef(context, "ApiNodePinInfo", context.handles.add("ApiNodePinInfo", info));
}
