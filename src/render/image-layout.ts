import { ProxyError } from "../errors.ts";

export type SampleFormat = "u8" | "half" | "float";

/** How the bytes of one plain image are laid out. */
export interface ImageLayout {
  /** `ImageType` name. */
  readonly typeName: string;
  readonly format: SampleFormat;
  readonly channels: 1 | 2 | 4;
  readonly bytesPerSample: 1 | 2 | 4;
  /** Bytes of the pixels of a row, without padding. */
  readonly rowBytes: number;
  /** Bytes from one row's start to the next one's. */
  readonly strideBytes: number;
}

interface PlainType {
  readonly name: string;
  readonly format: SampleFormat;
  readonly channels: 1 | 2 | 4;
}

/** `ImageType` numbers that are plain pixels; the numbers are the same in both generations. */
const plainTypes: ReadonlyMap<number, PlainType> = new Map([
  [0, { name: "IMAGE_TYPE_LDR_RGBA", format: "u8", channels: 4 }],
  [1, { name: "IMAGE_TYPE_LDR_MONO", format: "u8", channels: 1 }],
  [2, { name: "IMAGE_TYPE_HDR_RGBA", format: "float", channels: 4 }],
  [3, { name: "IMAGE_TYPE_HDR_MONO", format: "float", channels: 1 }],
  [4, { name: "IMAGE_TYPE_LDR_MONO_ALPHA", format: "u8", channels: 2 }],
  [5, { name: "IMAGE_TYPE_HDR_MONO_ALPHA", format: "float", channels: 2 }],
  [6, { name: "IMAGE_TYPE_HALF_RGBA", format: "half", channels: 4 }],
  [7, { name: "IMAGE_TYPE_HALF_MONO", format: "half", channels: 1 }],
  [8, { name: "IMAGE_TYPE_HALF_MONO_ALPHA", format: "half", channels: 2 }],
]);

const blockTypes: ReadonlyMap<number, string> = new Map([
  [9, "IMAGE_TYPE_BC1_UNORM"],
  [10, "IMAGE_TYPE_BC3_UNORM"],
  [11, "IMAGE_TYPE_BC4_SNORM"],
  [12, "IMAGE_TYPE_BC4_UNORM"],
  [13, "IMAGE_TYPE_BC6_SHF"],
  [14, "IMAGE_TYPE_BC6_UHF"],
  [15, "IMAGE_TYPE_BC7_UNORM"],
]);

const bytesOfSample = { u8: 1, half: 2, float: 4 } as const;

/** Larger than any film Octane renders; keeps a broken message from asking for gigabytes. */
const maxPixels = 1 << 28;

/**
 * Works out rows and samples of an image.
 * @throws ProxyError `unsupported_image` for block-compressed and unknown types, `upstream_malformed`
 * where size, pitch and byte count do not fit together.
 */
export function resolveLayout(image: {
  readonly type: number;
  readonly width: number;
  readonly height: number;
  readonly pitch: number;
  readonly byteLength: number;
}): ImageLayout {
  const plain = plainTypes.get(image.type);
  if (plain === undefined) throw unsupportedType(image.type);
  const { width, height } = image;
  if (width < 1 || height < 1 || width * height > maxPixels) {
    throw new ProxyError("upstream_malformed", `octane sent an image of ${width}x${height} pixels`);
  }
  const bytesPerSample = bytesOfSample[plain.format];
  const pixelBytes = bytesPerSample * plain.channels;
  const rowBytes = width * pixelBytes;
  const strideBytes = findStride(image, rowBytes, pixelBytes, bytesPerSample);
  if (strideBytes === undefined) {
    throw new ProxyError(
      "upstream_malformed",
      `octane sent ${image.byteLength} bytes for an image of ${width}x${height} ${plain.name}, ` +
        `pitch ${image.pitch}; expected at least ${rowBytes * height}`,
    );
  }
  return {
    typeName: plain.name,
    format: plain.format,
    channels: plain.channels,
    bytesPerSample,
    rowBytes,
    strideBytes,
  };
}

/** The protos do not say what unit `pitch` has, so the byte count decides, as it does in existing clients. */
function findStride(
  image: { readonly height: number; readonly pitch: number; readonly byteLength: number },
  rowBytes: number,
  pixelBytes: number,
  sampleBytes: number,
): number | undefined {
  const { height, pitch, byteLength } = image;
  if (byteLength === rowBytes * height) return rowBytes;
  const candidates = [pitch, pitch * pixelBytes, pitch * sampleBytes].filter((stride) => stride >= rowBytes);
  const whole = candidates.find((stride) => stride * height === byteLength);
  if (whole !== undefined) return whole;
  const lastRowUnpadded = candidates.find((stride) => stride * (height - 1) + rowBytes === byteLength);
  if (lastRowUnpadded !== undefined) return lastRowUnpadded;
  return byteLength > rowBytes * height ? rowBytes : undefined;
}

function unsupportedType(type: number): ProxyError {
  const block = blockTypes.get(type);
  return new ProxyError(
    "unsupported_image",
    block === undefined
      ? `octane sent image type ${type}, which the proxy does not know; expected LDR, HDR or HALF pixels`
      : `octane sent a block-compressed image ("${block}"); expected LDR, HDR or HALF pixels: ` +
          "choose an uncompressed tonemap buffer type in octane",
  );
}
