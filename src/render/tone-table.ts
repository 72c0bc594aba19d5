/**
 * Turns sample values into display bytes exactly as the formula does (sRGB curve or none, clamped, rounded to
 * nearest), through tables instead of a power per sample.
 */
export interface ToneTable {
  /** Byte of an 8-bit sample. */
  readonly ofByte: Uint8Array;
  /** Byte of a half float, by its 16 bits. */
  readonly ofHalf: Uint8Array;
  /** Byte at the low end of each bucket of float32 values, by the upper 16 bits of a non-negative float. */
  readonly floatBase: Uint8Array;
  /** `thresholds[k]` is the smallest value that gives at least byte `k`; `thresholds[256]` is never reached. */
  readonly thresholds: Float64Array;
}

/** The sRGB transfer function: linear 0..1 to encoded 0..1 (IEC 61966-2-1). */
export function encodeSrgb(linear: number): number {
  return linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055;
}

/** Inverse of `encodeSrgb`. */
export function decodeSrgb(encoded: number): number {
  return encoded <= 0.04045 ? encoded / 12.92 : ((encoded + 0.055) / 1.055) ** 2.4;
}

/** Display byte of one value by the formula itself; NaN and negative values are 0, infinity is 255. */
export function toneByte(value: number, isLinear: boolean, gain: number): number {
  const scaled = value * gain;
  if (!(scaled > 0)) return 0;
  if (scaled >= 1) return 255;
  return Math.floor((isLinear ? encodeSrgb(scaled) : scaled) * 255 + 0.5);
}

/** `gain` multiplies the values before the curve. */
export function createToneTable(isLinear: boolean, gain: number): ToneTable {
  const thresholds = findThresholds(isLinear, gain);
  const floatBase = new Uint8Array(1 << 15);
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  let byte = 0;
  for (let bucket = 0; bucket <= 0x7f80; bucket++) {
    bits[0] = bucket << 16;
    const low = float[0] as number;
    while (low >= (thresholds[byte + 1] as number)) byte++;
    floatBase[bucket] = byte;
  }
  const ofByte = new Uint8Array(256);
  for (let value = 0; value < 256; value++) ofByte[value] = toneByte(value / 255, isLinear, gain);
  const ofHalf = new Uint8Array(1 << 16);
  for (let half = 0; half < 1 << 16; half++) ofHalf[half] = toneByte(halfToNumber(half), isLinear, gain);
  return { ofByte, ofHalf, floatBase, thresholds };
}

/** Value of an IEEE 754 half float. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function findThresholds(isLinear: boolean, gain: number): Float64Array {
  const thresholds = new Float64Array(257);
  for (let byte = 1; byte < 256; byte++) {
    let below = 0;
    let reaches = 2 / gain;
    for (;;) {
      const middle = (below + reaches) / 2;
      if (middle === below || middle === reaches) break;
      if (toneByte(middle, isLinear, gain) >= byte) reaches = middle;
      else below = middle;
    }
    thresholds[byte] = reaches;
  }
  // NaN compares false with everything, infinity included.
  thresholds[256] = Number.NaN;
  return thresholds;
}
