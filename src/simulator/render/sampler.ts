/**
 * Numbers in 0..1 for one path. The first eight draws follow a low-discrepancy sequence over the pixel's samples
 * (rotated by a hash of the pixel), later ones a generator seeded by pixel and sample: the same pixel and sample give
 * the same path on every worker, whatever ran before.
 */
export interface Sampler {
  start(x: number, y: number, sample: number): void;
  next(): number;
}

const sequenceDimensions = 8;

export function createSampler(): Sampler {
  // the root of x^9 = x + 1 generates the additive sequence in eight dimensions (generalised golden ratio)
  let root = 1.1;
  for (let i = 0; i < 60; i++) root = (1 + root) ** (1 / (sequenceDimensions + 1));
  const steps = new Float64Array(sequenceDimensions);
  for (let i = 0; i < sequenceDimensions; i++) steps[i] = root ** -(i + 1);
  // integer state in an array: closure variables that outgrow 31 bits would be allocated on each write
  const state = new Uint32Array(4);

  return {
    start(x, y, sample) {
      const pixel = hash(Math.imul(x, 0x9e3779b1) ^ hash(y + 0x7f4a7c15));
      state[0] = pixel;
      state[1] = sample;
      state[2] = 0;
      state[3] = hash(pixel ^ hash(sample + 0x632be59b));
    },
    next() {
      const dimension = state[2] as number;
      if (dimension < sequenceDimensions) {
        state[2] = dimension + 1;
        const offset = hash(((state[0] as number) + Math.imul(dimension + 1, 0x85ebca6b)) >>> 0) / 4294967296;
        const value = offset + (state[1] as number) * (steps[dimension] as number);
        return value - Math.floor(value);
      }
      const seed = ((state[3] as number) + 0x9e3779b9) >>> 0;
      state[3] = seed;
      return hash(seed) / 4294967296;
    },
  };
}

/** A full-avalanche mix of 32 bits. */
function hash(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
