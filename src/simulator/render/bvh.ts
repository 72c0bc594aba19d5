/**
 * A bounding volume hierarchy over one mesh in flat arrays.
 * Node n: `bounds[6n..]` is min x, y, z, max x, y, z; `meta[2n]` is the left child (the right one follows it) or, for a
 * leaf, the first triangle; `meta[2n+1]` is the number of triangles, 0 for an inner node.
 */
export interface Bvh {
  readonly bounds: Float32Array;
  readonly meta: Int32Array;
  /** Nine coordinates per triangle, in leaf order. */
  readonly corners: Float32Array;
  /** Index into the mesh of the triangle at each place of the leaf order. */
  readonly triangleOf: Uint32Array;
}

const maxLeafTriangles = 4;
const binCount = 12;

/** Builds the hierarchy by the surface area heuristic over bins. A mesh without triangles gives an empty leaf. */
export function buildBvh(positions: Float32Array, indices: Uint32Array): Bvh {
  const triangleCount = Math.floor(indices.length / 3);
  const boxes = triangleBoxes(positions, indices, triangleCount);
  const order = new Uint32Array(triangleCount);
  for (let i = 0; i < triangleCount; i++) order[i] = i;

  const bounds = new Float32Array(Math.max(1, 2 * triangleCount - 1) * 6);
  const meta = new Int32Array(Math.max(1, 2 * triangleCount - 1) * 2);
  let nodeCount = 1;
  const work: { node: number; start: number; end: number }[] = [{ node: 0, start: 0, end: triangleCount }];
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    const { node, start, end } = next;
    enclose(bounds, node, boxes, order, start, end);
    const middle = end - start <= maxLeafTriangles ? start : split(boxes, order, start, end);
    if (middle <= start || middle >= end) {
      meta[2 * node] = start;
      meta[2 * node + 1] = end - start;
      continue;
    }
    meta[2 * node] = nodeCount;
    work.push({ node: nodeCount, start, end: middle }, { node: nodeCount + 1, start: middle, end });
    nodeCount += 2;
  }
  return {
    bounds: bounds.slice(0, nodeCount * 6),
    meta: meta.slice(0, nodeCount * 2),
    corners: cornersInOrder(positions, indices, order),
    triangleOf: order,
  };
}

/** Six numbers per triangle: min x, y, z, max x, y, z. */
function triangleBoxes(positions: Float32Array, indices: Uint32Array, triangleCount: number): Float32Array {
  const boxes = new Float32Array(triangleCount * 6);
  for (let triangle = 0; triangle < triangleCount; triangle++) {
    for (let axis = 0; axis < 3; axis++) {
      const a = corner(positions, indices, 3 * triangle, axis);
      const b = corner(positions, indices, 3 * triangle + 1, axis);
      const c = corner(positions, indices, 3 * triangle + 2, axis);
      boxes[6 * triangle + axis] = Math.min(a, b, c);
      boxes[6 * triangle + 3 + axis] = Math.max(a, b, c);
    }
  }
  return boxes;
}

function corner(positions: Float32Array, indices: Uint32Array, place: number, axis: number): number {
  return positions[3 * (indices[place] as number) + axis] as number;
}

function enclose(
  bounds: Float32Array,
  node: number,
  boxes: Float32Array,
  order: Uint32Array,
  start: number,
  end: number,
): void {
  for (let axis = 0; axis < 3; axis++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = start; i < end; i++) {
      const box = 6 * (order[i] as number) + axis;
      low = Math.min(low, boxes[box] as number);
      high = Math.max(high, boxes[box + 3] as number);
    }
    bounds[6 * node + axis] = low;
    bounds[6 * node + 3 + axis] = high;
  }
}

/** Partitions `order[start, end)` at the cheapest bin border and returns the border; `start` when a leaf is cheaper. */
function split(boxes: Float32Array, order: Uint32Array, start: number, end: number): number {
  let bestCost = Number.POSITIVE_INFINITY;
  let bestAxis = -1;
  let bestBorder = 0;
  let bestLow = 0;
  let bestScale = 0;
  for (let axis = 0; axis < 3; axis++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = start; i < end; i++) {
      const centre = doubledCentre(boxes, order[i] as number, axis);
      low = Math.min(low, centre);
      high = Math.max(high, centre);
    }
    if (!(high > low)) continue;
    const scale = (binCount * (1 - 1e-6)) / (high - low);
    const costs = borderCosts(boxes, order, start, end, axis, low, scale);
    for (let border = 1; border < binCount; border++) {
      const cost = costs[border] as number;
      if (cost < bestCost) {
        bestCost = cost;
        bestAxis = axis;
        bestBorder = border;
        bestLow = low;
        bestScale = scale;
      }
    }
  }
  // all centres in one point: no border separates them, so cut the list in half
  if (bestAxis < 0) return (start + end) >> 1;
  let left = start;
  let right = end;
  while (left < right) {
    const triangle = order[left] as number;
    const bin = Math.floor((doubledCentre(boxes, triangle, bestAxis) - bestLow) * bestScale);
    if (bin < bestBorder) left++;
    else {
      right--;
      order[left] = order[right] as number;
      order[right] = triangle;
    }
  }
  return left;
}

function doubledCentre(boxes: Float32Array, triangle: number, axis: number): number {
  return (boxes[6 * triangle + axis] as number) + (boxes[6 * triangle + 3 + axis] as number);
}

/** Cost of cutting before each bin: triangles times half the surface of their box, both sides summed. */
function borderCosts(
  boxes: Float32Array,
  order: Uint32Array,
  start: number,
  end: number,
  axis: number,
  low: number,
  scale: number,
): Float64Array {
  const counts = new Int32Array(binCount);
  const bins = new Float64Array(binCount * 6);
  for (let bin = 0; bin < binCount; bin++) emptyBox(bins, 6 * bin);
  for (let i = start; i < end; i++) {
    const triangle = order[i] as number;
    const bin = Math.floor((doubledCentre(boxes, triangle, axis) - low) * scale);
    counts[bin] = (counts[bin] as number) + 1;
    growBox(bins, 6 * bin, boxes, 6 * triangle);
  }
  const costs = new Float64Array(binCount);
  const running = new Float64Array(6);
  emptyBox(running, 0);
  let count = 0;
  for (let bin = 0; bin < binCount - 1; bin++) {
    growBox(running, 0, bins, 6 * bin);
    count += counts[bin] as number;
    costs[bin + 1] = count === 0 ? Number.POSITIVE_INFINITY : count * halfSurface(running);
  }
  emptyBox(running, 0);
  count = 0;
  for (let bin = binCount - 1; bin > 0; bin--) {
    growBox(running, 0, bins, 6 * bin);
    count += counts[bin] as number;
    costs[bin] =
      count === 0 ? Number.POSITIVE_INFINITY : (costs[bin] as number) + count * halfSurface(running);
  }
  return costs;
}

function emptyBox(boxes: Float64Array, at: number): void {
  for (let axis = 0; axis < 3; axis++) {
    boxes[at + axis] = Number.POSITIVE_INFINITY;
    boxes[at + 3 + axis] = Number.NEGATIVE_INFINITY;
  }
}

function growBox(boxes: Float64Array, at: number, by: Float32Array | Float64Array, from: number): void {
  for (let axis = 0; axis < 3; axis++) {
    boxes[at + axis] = Math.min(boxes[at + axis] as number, by[from + axis] as number);
    boxes[at + 3 + axis] = Math.max(boxes[at + 3 + axis] as number, by[from + 3 + axis] as number);
  }
}

function halfSurface(box: Float64Array): number {
  const x = (box[3] as number) - (box[0] as number);
  const y = (box[4] as number) - (box[1] as number);
  const z = (box[5] as number) - (box[2] as number);
  return x * y + y * z + z * x;
}

function cornersInOrder(positions: Float32Array, indices: Uint32Array, order: Uint32Array): Float32Array {
  const corners = new Float32Array(order.length * 9);
  for (let i = 0; i < order.length; i++) {
    for (let place = 0; place < 3; place++) {
      for (let axis = 0; axis < 3; axis++) {
        corners[9 * i + 3 * place + axis] = corner(
          positions,
          indices,
          3 * (order[i] as number) + place,
          axis,
        );
      }
    }
  }
  return corners;
}
