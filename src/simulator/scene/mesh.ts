/** Triangles with smooth normals; the arrays are never changed. */
export interface TriangleMesh {
  /** Unique to these arrays. */
  readonly key: string;
  readonly positions: Float32Array;
  /** Unit length, one per position. */
  readonly normals: Float32Array;
  readonly indices: Uint32Array;
}
