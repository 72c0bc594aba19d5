/** Pixels of the film grid, `x0, y0` inclusive, `x1, y1` exclusive. */
export interface Rectangle {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/**
 * The order in which the pixels of a film are traced. A lattice of `stride` by `stride` blocks covers the rectangle; phase
 * k traces one pixel of each block, and phases 0, 0..3, 0..15 … complete ever finer lattices, so that a coarse picture is
 * ready first and nothing of it is traced twice. `stride * stride` phases are one sample for each pixel.
 */
export interface PhaseOrder {
  /** A power of two. */
  readonly stride: number;
  readonly phaseCount: number;
  /** Offset in the block, per phase. */
  readonly offsetX: Uint8Array;
  readonly offsetY: Uint8Array;
  /** Phase that traces the pixel at `y * stride + x` of its block. */
  readonly phaseAt: Uint16Array;
}

const maxStride = 16;
/** What the first picture has at least, where the film has that many: 128 x 64. */
const firstPixels = 8192;

/** The order for a rectangle: the widest stride whose first phase still has 8192 pixels. */
export function createPhaseOrder(rectangle: Rectangle): PhaseOrder {
  const width = rectangle.x1 - rectangle.x0;
  const height = rectangle.y1 - rectangle.y0;
  let stride = maxStride;
  while (stride > 1 && Math.ceil(width / stride) * Math.ceil(height / stride) < firstPixels) stride /= 2;
  let offsets: (readonly [number, number])[] = [[0, 0]];
  for (let step = stride / 2; step >= 1; step /= 2) {
    const coarse = offsets;
    offsets = [
      ...coarse,
      ...coarse.map(([x, y]) => [x + step, y + step] as const),
      ...coarse.map(([x, y]) => [x + step, y] as const),
      ...coarse.map(([x, y]) => [x, y + step] as const),
    ];
  }
  const phaseAt = new Uint16Array(stride * stride);
  for (const [phase, [x, y]] of offsets.entries()) phaseAt[y * stride + x] = phase;
  return {
    stride,
    phaseCount: offsets.length,
    offsetX: Uint8Array.from(offsets, ([x]) => x),
    offsetY: Uint8Array.from(offsets, ([, y]) => y),
    phaseAt,
  };
}

/**
 * Writes the picture so far into `linear` (RGBA): the mean of each pixel's samples, and between the points of the finest
 * complete lattice, where a pixel has none yet, a blend of the points around it. Pixels outside the rectangle stay.
 * `sums` has three numbers per pixel; `phases` have been traced since the restart, at least one.
 */
export function resolveFilm(
  sums: Float32Array,
  filmWidth: number,
  rectangle: Rectangle,
  order: PhaseOrder,
  phases: number,
  linear: Float32Array,
): void {
  const samples = Math.floor(phases / order.phaseCount);
  const extra = phases - samples * order.phaseCount;
  const scale = Float64Array.from(
    { length: order.phaseCount },
    (_, phase) => 1 / (samples + (phase < extra ? 1 : 0)),
  );
  const { x0, y0, x1, y1 } = rectangle;
  const mask = order.stride - 1;
  for (let y = y0; y < y1; y++) {
    const blockRow = ((y - y0) & mask) * order.stride;
    for (let x = x0; x < x1; x++) {
      const factor = scale[order.phaseAt[blockRow + ((x - x0) & mask)] as number] as number;
      // no sample yet: filled below
      if (factor === Infinity) continue;
      const pixel = y * filmWidth + x;
      linear[4 * pixel] = (sums[3 * pixel] as number) * factor;
      linear[4 * pixel + 1] = (sums[3 * pixel + 1] as number) * factor;
      linear[4 * pixel + 2] = (sums[3 * pixel + 2] as number) * factor;
      linear[4 * pixel + 3] = 1;
    }
  }
  if (samples === 0) fillBetween(linear, filmWidth, rectangle, order, extra);
}

function fillBetween(
  linear: Float32Array,
  filmWidth: number,
  rectangle: Rectangle,
  order: PhaseOrder,
  phases: number,
): void {
  const { x0, y0, x1, y1 } = rectangle;
  const mask = order.stride - 1;
  let gap = order.stride;
  for (let complete = 1; complete * 4 <= phases; complete *= 4) gap /= 2;
  const blend = new Float64Array(6);
  for (let y = y0; y < y1; y++) {
    const blockRow = ((y - y0) & mask) * order.stride;
    const above = y - ((y - y0) & (gap - 1));
    const down = (y - above) / gap;
    const below = above + gap < y1 ? above + gap : above;
    for (let left = x0; left < x1; left += gap) {
      const right = left + gap < x1 ? left + gap : left;
      fillCorners(blend, linear, above * filmWidth, below * filmWidth, left, right, down);
      const end = Math.min(left + gap, x1);
      for (let x = left; x < end; x++) {
        if ((order.phaseAt[blockRow + ((x - x0) & mask)] as number) < phases) continue;
        const across = (x - left) / gap;
        const pixel = 4 * (y * filmWidth + x);
        linear[pixel] = (blend[0] as number) + across * (blend[3] as number);
        linear[pixel + 1] = (blend[1] as number) + across * (blend[4] as number);
        linear[pixel + 2] = (blend[2] as number) + across * (blend[5] as number);
        linear[pixel + 3] = 1;
      }
    }
  }
}

/** Colour at the left side of a block at the height `down`, and the difference to its right side. */
function fillCorners(
  blend: Float64Array,
  linear: Float32Array,
  above: number,
  below: number,
  left: number,
  right: number,
  down: number,
): void {
  for (let channel = 0; channel < 3; channel++) {
    const a = linear[4 * (above + left) + channel] as number;
    const b = linear[4 * (above + right) + channel] as number;
    const c = linear[4 * (below + left) + channel] as number;
    const d = linear[4 * (below + right) + channel] as number;
    const from = a + down * (c - a);
    blend[channel] = from;
    blend[3 + channel] = b + down * (d - b) - from;
  }
}

/** Enlarges a grid in which each pixel stands for `factor` by `factor` film pixels (fewer at the right and bottom). */
export function enlarge(
  grid: Float32Array,
  gridWidth: number,
  factor: number,
  width: number,
  height: number,
): Float32Array {
  const large = new Float32Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const from = Math.floor(y / factor) * gridWidth;
    for (let x = 0; x < width; x++) {
      const source = 4 * (from + Math.floor(x / factor));
      const target = 4 * (y * width + x);
      large[target] = grid[source] as number;
      large[target + 1] = grid[source + 1] as number;
      large[target + 2] = grid[source + 2] as number;
      large[target + 3] = grid[source + 3] as number;
    }
  }
  return large;
}
