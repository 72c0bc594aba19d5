import type { RenderMaterial, Vec3 } from "./render-engine.ts";
import type { Sampler } from "./sampler.ts";

/** A material with what does not change from hit to hit worked out. */
export interface Scattering {
  readonly material: RenderMaterial;
  /** GGX width; below `mirrorWidth` the lobe is a perfect mirror. */
  readonly width: number;
  readonly isMirror: boolean;
  /** Reflectance of the surface layer looked at head-on, before its colour. */
  readonly headOn: number;
  readonly colorLuma: number;
  readonly specularLuma: number;
}

const mirrorWidth = 0.02;

export function createScattering(material: RenderMaterial): Scattering {
  const width = material.roughness * material.roughness;
  const ior = Math.max(1, material.indexOfRefraction);
  return {
    material,
    width,
    isMirror: width < mirrorWidth,
    headOn: ((ior - 1) / (ior + 1)) ** 2,
    colorLuma: luma(material.color),
    specularLuma: luma(material.specular),
  };
}

/** Schlick's approximation of the share that the surface layer reflects. */
export function layerReflectance(scattering: Scattering, cosine: number): number {
  const rest = 1 - Math.min(1, Math.max(0, cosine));
  const square = rest * rest;
  return scattering.headOn + (1 - scattering.headOn) * square * square * rest;
}

/**
 * The glossy lobe for light from direction `i` towards `o` (unit, local: z along the normal), without its colour:
 * reflectance times distribution times masking over 4 cos cos, times the cosine of the light.
 */
export function evaluateGlossy(
  s: Scattering,
  ox: number,
  oy: number,
  oz: number,
  ix: number,
  iy: number,
  iz: number,
): number {
  if (s.isMirror || iz <= 0 || oz <= 0) return 0;
  let hx = ox + ix;
  let hy = oy + iy;
  let hz = oz + iz;
  const length = Math.sqrt(hx * hx + hy * hy + hz * hz);
  if (length === 0) return 0;
  hx /= length;
  hy /= length;
  hz /= length;
  const square = s.width * s.width;
  const bowl = hz * hz * (square - 1) + 1;
  const distribution = square / (Math.PI * bowl * bowl);
  const reflectance = layerReflectance(s, ox * hx + oy * hy + oz * hz);
  // Smith's masking in its height-correlated form already holds the 4 cos cos
  const masking =
    0.5 / (iz * Math.sqrt(oz * oz * (1 - square) + square) + oz * Math.sqrt(iz * iz * (1 - square) + square));
  return reflectance * distribution * masking * iz;
}

/** Share of a sampled glossy reflection that is not masked, given that the view is not. */
export function glossyMasking(s: Scattering, oz: number, iz: number): number {
  const square = s.width * s.width;
  const rootO = Math.sqrt(square + (1 - square) * oz * oz);
  const rootI = Math.sqrt(square + (1 - square) * iz * iz);
  const one = (2 * oz) / (oz + rootO);
  const both = (2 * oz * iz) / (oz * rootI + iz * rootO);
  return one > 0 ? both / one : 0;
}

/** A facet normal that is visible from `o`, into `out` (Heitz 2018); the normal itself for a mirror. */
export function sampleFacet(
  s: Scattering,
  ox: number,
  oy: number,
  oz: number,
  sampler: Sampler,
  out: Float64Array,
): void {
  if (s.isMirror) {
    out[0] = 0;
    out[1] = 0;
    out[2] = 1;
    return;
  }
  const stretch = 1 / Math.sqrt(s.width * s.width * (ox * ox + oy * oy) + oz * oz);
  const vx = s.width * ox * stretch;
  const vy = s.width * oy * stretch;
  const vz = oz * stretch;
  const flat = vx * vx + vy * vy;
  const t1x = flat > 1e-14 ? -vy / Math.sqrt(flat) : 1;
  const t1y = flat > 1e-14 ? vx / Math.sqrt(flat) : 0;
  const t2x = -vz * t1y;
  const t2y = vz * t1x;
  const t2z = vx * t1y - vy * t1x;
  const radius = Math.sqrt(sampler.next());
  const angle = 2 * Math.PI * sampler.next();
  const p1 = radius * Math.cos(angle);
  const blend = 0.5 * (1 + vz);
  const p2 = (1 - blend) * Math.sqrt(Math.max(0, 1 - p1 * p1)) + blend * radius * Math.sin(angle);
  const p3 = Math.sqrt(Math.max(0, 1 - p1 * p1 - p2 * p2));
  const nx = s.width * (p1 * t1x + p2 * t2x + p3 * vx);
  const ny = s.width * (p1 * t1y + p2 * t2y + p3 * vy);
  const nz = Math.max(1e-9, p2 * t2z + p3 * vz);
  const scale = 1 / Math.sqrt(nx * nx + ny * ny + nz * nz);
  out[0] = nx * scale;
  out[1] = ny * scale;
  out[2] = nz * scale;
}

/** Exact share that a glass surface reflects; `ratio` is the index on the ray's side by that on the other. */
export function glassReflectance(cosine: number, ratio: number): number {
  const sineSquared = ratio * ratio * (1 - cosine * cosine);
  if (sineSquared >= 1) return 1;
  const inside = Math.sqrt(1 - sineSquared);
  const across = (ratio * cosine - inside) / (ratio * cosine + inside);
  const along = (ratio * inside - cosine) / (ratio * inside + cosine);
  return 0.5 * (across * across + along * along);
}

export function luma(color: Vec3): number {
  return 0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2];
}
