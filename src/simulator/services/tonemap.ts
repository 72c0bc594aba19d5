import type { PlainImageType } from "../render/render-engine.ts";
import type { UnaryHandler } from "./handler.ts";
import { imageTypeOfBuffer } from "./render-image-message.ts";
import { nullRef, type Ref } from "./request.ts";
import { invalid, Status } from "./status.ts";

/** How new images are to be delivered. */
export interface Tonemap {
  readonly imageType: PlainImageType;
  /** The passes that an image has; the simulator renders the beauty pass only. */
  readonly passes: readonly number[];
  readonly handlers: { readonly [method: string]: UnaryHandler };
}

type TonemapParams = {
  readonly bufferType: number;
  readonly cryptomatteFalseColor: boolean;
  readonly colorSpace?: number;
  readonly premultipliedAlphaType: number;
};

/** `RENDER_PASS_BEAUTY` */
const beautyPass = 0;
/** `NAMED_COLOR_SPACE_OTHER`, `_SRGB`, `_LINEAR_SRGB`: 8-bit images are sRGB, the others linear, whichever is named. */
const knownColorSpaces = new Set([0, 1, 2]);

/** The type that a request asks for. @throws Status for what the simulator cannot produce. */
export function requestedImageType({
  bufferType,
  colorSpace = 1,
}: Pick<TonemapParams, "bufferType" | "colorSpace">): PlainImageType {
  const type = imageTypeOfBuffer(bufferType);
  if (type === undefined)
    throw invalid(`bufferType ${bufferType} is no TonemapBufferType: expected 0, 1 or 2`);
  if (!knownColorSpaces.has(colorSpace)) {
    throw new Status(
      "UNIMPLEMENTED",
      `the simulator has no colour space ${colorSpace}: use NAMED_COLOR_SPACE_SRGB or NAMED_COLOR_SPACE_LINEAR_SRGB`,
    );
  }
  return type;
}

/** The passes of a request that the simulator has; all that it has where none are named. */
export function availablePasses(requested: readonly number[]): readonly number[] {
  return requested.length === 0 ? [beautyPass] : requested.filter((pass) => pass === beautyPass).slice(0, 1);
}

/** The asynchronous tonemap settings and the calls that read and set them. */
export function createTonemap(): Tonemap {
  let params: TonemapParams = {
    bufferType: 0,
    cryptomatteFalseColor: false,
    colorSpace: 1,
    premultipliedAlphaType: 0,
  };
  let imageType: PlainImageType = "LDR_RGBA";

  const setParams = (request: TonemapParams): Record<string, never> => {
    imageType = requestedImageType(request);
    params = { ...request, colorSpace: request.colorSpace ?? 1 };
    return {};
  };

  return {
    get imageType() {
      return imageType;
    },
    passes: [beautyPass],
    handlers: {
      setAsyncTonemapParams: setParams,
      setAsyncTonemapParams1: setParams,
      asyncTonemapBufferType: () => ({ result: params.bufferType }),
      asyncTonemapCryptomatteFalseColor: () => ({ result: params.cryptomatteFalseColor }),
      asyncTonemapOutputColorSpaceInfo: () => ({ result: nullRef() }),
      asyncTonemapColorSpace: () => ({ result: params.colorSpace ?? 1 }),
      asyncTonemapPremultipliedAlphaType: () => ({ result: params.premultipliedAlphaType }),
      setAsyncTonemapRenderPasses: ({ tonemapPasses }: { tonemapPasses?: { data: readonly number[] } }) => {
        const passes = tonemapPasses?.data ?? [];
        return { result: passes.every((pass) => pass === beautyPass) };
      },
      getEnabledAovs: (_request: { renderTargetNode: Ref }) => ({ aovIds: { data: [beautyPass] } }),
      freeTonemapPasses: () => ({}),
      displayRenderPassId: () => ({ result: beautyPass }),
      triggerAsyncTonemap: () => ({}),
    },
  };
}
