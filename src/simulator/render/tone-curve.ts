/** Linear light to display bytes: gain, gamma and the sRGB curve. */
export interface ToneCurve {
  readonly exposure: number;
  readonly gamma: number;
  /** RGBA, linear, to RGBA8; alpha is straight and has no curve. */
  apply(linear: Float32Array): Buffer;
}

// Positive floats sort like their bit patterns: a table over the upper bits has steps that follow the value. 2^-16 is black
// under any gamma near 1, and 2048 steps per doubling are finer than half a display step.
const shift = 12;
const lowest = (127 - 16) << 23;
const one = 127 << 23;

/** Builds the table for an imager; cheap enough for each change of its settings. */
export function createToneCurve(exposure: number, gamma: number): ToneCurve {
  const power = gamma > 0 ? 1 / gamma : 1;
  const table = new Uint8Array(((one - lowest) >> shift) + 1);
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  for (let i = 0; i < table.length; i++) {
    bits[0] = lowest + (i << shift) + (1 << (shift - 1));
    table[i] = Math.round(255 * encodeSrgb(Math.min(1, float[0] as number) ** power));
  }
  const black = Math.round(255 * encodeSrgb((2 ** -17) ** power));

  const encode = (): number => {
    const pattern = bits[0] as number;
    // the sign bit makes negatives, and the exponent NaN, larger than any number
    if (pattern >= one) return pattern < 0x80000000 ? 255 : 0;
    return pattern < lowest ? (pattern === 0 ? 0 : black) : (table[(pattern - lowest) >> shift] as number);
  };

  return {
    exposure,
    gamma,
    apply(linear) {
      const pixels = Buffer.allocUnsafe(linear.length);
      for (let at = 0; at < linear.length; at += 4) {
        for (let channel = 0; channel < 3; channel++) {
          float[0] = (linear[at + channel] as number) * exposure;
          pixels[at + channel] = encode();
        }
        pixels[at + 3] = Math.round(255 * Math.min(1, Math.max(0, linear[at + 3] as number)));
      }
      return pixels;
    },
  };
}

/** The sRGB transfer function (IEC 61966-2-1) for 0..1. */
export function encodeSrgb(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}

/** Its inverse. */
export function decodeSrgb(encoded: number): number {
  return encoded <= 0.04045 ? encoded / 12.92 : ((encoded + 0.055) / 1.055) ** 2.4;
}
