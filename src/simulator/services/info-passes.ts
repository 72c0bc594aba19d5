import type { Ids } from "../scene/ids.ts";
import type { Fields, HandlerTable, UnaryHandler } from "./handler.ts";

type ById = { readonly id: number };

const unknownPass = 5000;

/** Render passes by number, and the pins that switch them on. */
export const renderPassMethods: HandlerTable<UnaryHandler> = {
  renderPassInfo: ({ id }: ById, { ids }) => ({ result: passInfo(ids, id) }),
  getAllRenderPassIds(_, { ids }) {
    const passes = ids.renderPass.numbers.filter(
      (number) => number !== unknownPass && !isMarker(ids, number),
    );
    return { result: { data: passes }, length: passes.length };
  },
  // Nodes of the simulator that stand for one pass have no pins, and so no pass of their own.
  getRenderPassIdFromRenderAovNode: () => ({ result: unknownPass }),
  getRenderAovInfoFromRenderAovNode: (_, { ids }) => ({ result: passInfo(ids, unknownPass) }),
  renderPassName: ({ id }: ById, { ids }) => ({ result: passName(ids, id) }),
  renderPassShortName: ({ id }: ById, { ids }) => ({ result: shortPassName(ids, id) }),
  renderPassIdToPinId: ({ id }: ById, { ids }) => ({ result: pinOfPass(ids, id) ?? 0 }),
  renderPassGroupName: ({ id }: ById, { ids }) => ({
    result: readable(ids.renderPassGroup.findName(id)?.replace("RENDER_PASS_GROUP_", "")),
  }),
  pinIdToRenderPassId: ({ pinId }: { readonly pinId: number }, { ids }) => ({
    result: passOfPin(ids, pinId) ?? unknownPass,
  }),
  findPinIdForRenderPassId({ renderPassId }: { readonly renderPassId: number }, { ids }) {
    const pinId = pinOfPass(ids, renderPassId);
    return { result: pinId !== undefined, pinId: pinId ?? 0 };
  },
  findRenderPassIdForPinId({ pinId }: { readonly pinId: number }, { ids }) {
    const renderPassId = passOfPin(ids, pinId);
    return { result: renderPassId !== undefined, renderPassId: renderPassId ?? unknownPass };
  },
};

function passInfo(ids: Ids, id: number): Fields {
  const name = passName(ids, id);
  return {
    renderPassId: id,
    pinId: pinOfPass(ids, id) ?? 0,
    name,
    exrLayerName: name,
    shortName: shortPassName(ids, id),
    description: `The ${name.toLowerCase()} pass.`,
    category: id >= 1000 ? "Info" : "Beauty",
    isInfoPass: id >= 1000 && id < 2000,
    isGreyscale: false,
  };
}

function passName(ids: Ids, id: number): string {
  return readable(ids.renderPass.findName(id)?.replace("RENDER_PASS_", ""));
}

function shortPassName(ids: Ids, id: number): string {
  return ids.renderPass.findName(id)?.replace("RENDER_PASS_", "") ?? "";
}

function pinOfPass(ids: Ids, id: number): number | undefined {
  const name = ids.renderPass.findName(id);
  return name === undefined
    ? undefined
    : ids.pin.findNumber(`P_${name.replace(/_POST_PROC$/, "_POST_PROCESSING")}`);
}

function passOfPin(ids: Ids, pinId: number): number | undefined {
  const name = ids.pin
    .findName(pinId)
    ?.replace(/^P_/, "")
    .replace(/_POST_PROCESSING$/, "_POST_PROC");
  return name?.startsWith("RENDER_PASS_") ? ids.renderPass.findNumber(name) : undefined;
}

function isMarker(ids: Ids, number: number): boolean {
  return /_(OFFSET|LAST)$|_INTERNAL\d+$/.test(ids.renderPass.findName(number) ?? "");
}

function readable(name: string | undefined): string {
  if (name === undefined) return "";
  const words = name.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
