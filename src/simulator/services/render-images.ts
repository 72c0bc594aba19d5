import type { Fields, ServiceTable } from "./handler.ts";
import type { RenderEngineParts } from "./render-engine.ts";
import { Status } from "./status.ts";
import { availablePasses, requestedImageType } from "./tonemap.ts";

/** Render results that clients grabbed and have not released. */
export interface GrabState {
  readonly outstanding: number;
  /** Counts one; a grab beyond the bound takes the place of the oldest, for clients that never release. */
  grab(): void;
  release(): void;
}

const maxOutstandingGrabs = 16;

export function createGrabState(): GrabState {
  let outstanding = 0;
  return {
    get outstanding() {
      return outstanding;
    },
    grab() {
      outstanding = Math.min(maxOutstandingGrabs, outstanding + 1);
    },
    release() {
      outstanding = Math.max(0, outstanding - 1);
    },
  };
}

type PassList = {
  readonly data: readonly number[];
};
type TonemapRequest = {
  readonly passes?: PassList;
  readonly bufferType: number;
  readonly colorSpace?: number;
};

/** Calls that hand out images, or would write them to files. */
export function imageHandlers(parts: RenderEngineParts): NonNullable<ServiceTable["unary"]> {
  const { engine, messages, tonemap, grabs } = parts;

  const synchronousTonemap = (request: TonemapRequest): Fields => {
    const imageType = requestedImageType(request);
    const passes = availablePasses(request.passes?.data ?? []);
    const { image } = engine;
    if (image === undefined || passes.length === 0) return { result: false, results: { data: [] } };
    return { result: true, results: { data: passes.map(() => messages.create(image, engine, imageType)) } };
  };

  return {
    grabRenderResult() {
      const { image } = engine;
      if (image === undefined) return { result: false, renderImages: { data: [] } };
      grabs.grab();
      const data = tonemap.passes.map(() => messages.create(image, engine, tonemap.imageType));
      return { result: true, renderImages: { data } };
    },
    releaseRenderResult() {
      grabs.release();
      return {};
    },
    synchronousTonemap,
    synchronousTonemap1: synchronousTonemap,
    synchronousTonemapAllRenderPasses: synchronousTonemap,
    synchronousTonemapAllRenderPasses1: synchronousTonemap,
    saveImage: refuseFile,
    saveImage1: refuseFile,
    saveImage2: refuseFile,
    saveRenderPasses: refuseFile,
    saveRenderPasses1: refuseFile,
    saveRenderPasses2: refuseFile,
    saveRenderPassesMultiExr: refuseFile,
    saveRenderPassesMultiExr1: refuseFile,
    saveRenderPassesDeepExr: refuseFile,
    saveDeepImage: refuseFile,
    saveRenderState: refuseFile,
    loadRenderState: refuseFile,
  };
}

/** A path from the network must never become a file, and `false` would not say why there is none. */
function refuseFile(): never {
  throw new Status(
    "UNIMPLEMENTED",
    "the simulator reads and writes no render files; get the picture with grabRenderResult or from the proxy",
  );
}
