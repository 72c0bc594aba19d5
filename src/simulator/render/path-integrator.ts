import { createHit, createRay, type Ray } from "./intersect.ts";
import type { Sampler } from "./sampler.ts";
import {
  createScattering,
  evaluateGlossy,
  glassReflectance,
  glossyMasking,
  layerReflectance,
  type Scattering,
  sampleFacet,
} from "./scatter.ts";
import type { Sky } from "./sky.ts";
import { createSurface, fillSurface } from "./surface.ts";
import type { FoundTriangle, TraceMesh, TraceScene } from "./trace-scene.ts";

/** Follows a path from the camera and gives the light that comes back along it, linear, into `out[0..2]`. */
export type PathIntegrator = (cameraRay: Ray, sampler: Sampler, out: Float64Array) => void;

const maxBounces = 10;
const maxPassedThrough = 32;
const bouncesBeforeRoulette = 3;

export function createPathIntegrator(scene: TraceScene, sky: Sky): PathIntegrator {
  const scatterings = scene.meshes.map((mesh) => createScattering(mesh.material));
  const ray = createRay();
  const shadowRay = createRay();
  const hit = createHit();
  const found: FoundTriangle = { mesh: -1, triangle: -1 };
  const surface = createSurface();
  const { flat, smooth, point, lifted } = surface;
  /** Two tangents at the surface, x, y, z each. */
  const frame = new Float64Array(6);
  const facet = new Float64Array(3);
  const light = new Float64Array(3);
  const throughput = new Float64Array(3);
  const sun = sky.sun;
  // Brightest that light after a bounce may be: a path that finds the sun's glint by chance would leave a white dot for
  // long. An even environment has no such glints.
  const fireflyLimit = sun === undefined ? Infinity : Math.max(...sun.irradiance);
  const glintLimit = 16 * fireflyLimit;

  /** Light of the sun that the surface sends back along the ray, into `out`. */
  const addSun = (
    s: Scattering,
    ox: number,
    oy: number,
    oz: number,
    sampler: Sampler,
    bounce: number,
    out: Float64Array,
  ): void => {
    if (sun === undefined) return;
    aimAtSun(sun.direction, sun.cosRadius, sampler, shadowRay);
    const lx = shadowRay[3] as number;
    const ly = shadowRay[4] as number;
    const lz = shadowRay[5] as number;
    const iz = lx * (smooth[0] as number) + ly * (smooth[1] as number) + lz * (smooth[2] as number);
    if (iz <= 0) return;
    const ix = lx * (frame[0] as number) + ly * (frame[1] as number) + lz * (frame[2] as number);
    const iy = lx * (frame[3] as number) + ly * (frame[4] as number) + lz * (frame[5] as number);
    for (let axis = 0; axis < 3; axis++) {
      shadowRay[axis] = (lifted[axis] as number) + surface.clearance * (flat[axis] as number);
    }
    shadowRay[6] = 0;
    if (!scene.transmittance(shadowRay, light)) return;
    const isGlossy = s.material.kind === "glossy";
    const under = isGlossy ? 1 - layerReflectance(s, oz) * s.specularLuma : 1;
    const glossy = isGlossy ? evaluateGlossy(s, ox, oy, oz, ix, iy, iz) : 0;
    for (let channel = 0; channel < 3; channel++) {
      const back =
        ((s.material.color[channel] as number) * under * iz) / Math.PI +
        (s.material.specular[channel] as number) * glossy;
      const value =
        (throughput[channel] as number) *
        back *
        (sun.irradiance[channel] as number) *
        (light[channel] as number);
      out[channel] = (out[channel] as number) + (bounce === 0 ? value : Math.min(value, fireflyLimit));
    }
  };

  const addSky = (seesSun: boolean, bounce: number, out: Float64Array): void => {
    const dx = ray[3] as number;
    const dy = ray[4] as number;
    const dz = ray[5] as number;
    sky.radiance(dx, dy, dz, light);
    // the sun in a mirror may dazzle; beyond that, glass would show it as lone white dots
    const limit = bounce === 0 ? Infinity : seesSun ? glintLimit : fireflyLimit;
    if (seesSun && sun !== undefined) {
      const cosine = dx * sun.direction[0] + dy * sun.direction[1] + dz * sun.direction[2];
      if (cosine > sun.cosRadius) {
        for (let channel = 0; channel < 3; channel++) {
          light[channel] = (light[channel] as number) + (sun.radiance[channel] as number);
        }
      }
    }
    for (let channel = 0; channel < 3; channel++) {
      const value = (throughput[channel] as number) * (light[channel] as number);
      out[channel] = (out[channel] as number) + Math.min(value, limit);
    }
  };

  /** Points the ray along a local direction, keeping it on its side of the triangle, and off the surface. */
  const leave = (x: number, y: number, z: number, side: number): void => {
    let along = 0;
    for (let axis = 0; axis < 3; axis++) {
      const direction =
        x * (frame[axis] as number) + y * (frame[3 + axis] as number) + z * (smooth[axis] as number);
      ray[3 + axis] = direction;
      along += direction * (flat[axis] as number);
    }
    // a smooth normal can send a path through the flat triangle: mirror it back rather than lose its light
    const wrong = along * side < 0 ? 2 * along : 0;
    let square = 0;
    for (let axis = 0; axis < 3; axis++) {
      const direction = (ray[3 + axis] as number) - wrong * (flat[axis] as number);
      ray[3 + axis] = direction;
      square += direction * direction;
      ray[axis] = (point[axis] as number) + side * surface.clearance * (flat[axis] as number);
    }
    const scale = 1 / Math.sqrt(square);
    for (let axis = 3; axis < 6; axis++) ray[axis] = (ray[axis] as number) * scale;
    ray[6] = 0;
  };

  const dim = (red: number, green: number, blue: number): void => {
    throughput[0] = (throughput[0] as number) * red;
    throughput[1] = (throughput[1] as number) * green;
    throughput[2] = (throughput[2] as number) * blue;
  };

  const bounceMatt = (s: Scattering, share: number, sampler: Sampler): void => {
    const radius = Math.sqrt(sampler.next());
    const angle = 2 * Math.PI * sampler.next();
    leave(radius * Math.cos(angle), radius * Math.sin(angle), Math.sqrt(Math.max(0, 1 - radius * radius)), 1);
    const [red, green, blue] = s.material.color;
    dim(red * share, green * share, blue * share);
  };

  /** False where the sampled reflection is masked. */
  const bounceGlossy = (
    s: Scattering,
    ox: number,
    oy: number,
    oz: number,
    share: number,
    sampler: Sampler,
  ): boolean => {
    sampleFacet(s, ox, oy, oz, sampler, facet);
    const cosine = ox * (facet[0] as number) + oy * (facet[1] as number) + oz * (facet[2] as number);
    const iz = 2 * cosine * (facet[2] as number) - oz;
    if (iz <= 0) return false;
    leave(2 * cosine * (facet[0] as number) - ox, 2 * cosine * (facet[1] as number) - oy, iz, 1);
    const weight = layerReflectance(s, cosine) * share * (s.isMirror ? 1 : glossyMasking(s, oz, iz));
    const [red, green, blue] = s.material.specular;
    dim(red * weight, green * weight, blue * weight);
    return true;
  };

  /** False where a reflection or refraction ends up on the wrong side. */
  const bounceGlass = (
    s: Scattering,
    ox: number,
    oy: number,
    oz: number,
    choice: number,
    sampler: Sampler,
  ): boolean => {
    sampleFacet(s, ox, oy, oz, sampler, facet);
    const hx = facet[0] as number;
    const hy = facet[1] as number;
    const hz = facet[2] as number;
    const cosine = ox * hx + oy * hy + oz * hz;
    const ior = Math.max(1.0001, s.material.indexOfRefraction);
    const ratio = surface.isFront ? 1 / ior : ior;
    if (choice < glassReflectance(cosine, ratio)) {
      const iz = 2 * cosine * hz - oz;
      if (iz <= 0) return false;
      leave(2 * cosine * hx - ox, 2 * cosine * hy - oy, iz, 1);
      return true;
    }
    const inside = Math.sqrt(Math.max(0, 1 - ratio * ratio * (1 - cosine * cosine)));
    const along = ratio * cosine - inside;
    const tz = along * hz - ratio * oz;
    if (tz >= 0) return false;
    leave(along * hx - ratio * ox, along * hy - ratio * oy, tz, -1);
    dim(...s.material.specular);
    return true;
  };

  return (cameraRay, sampler, out) => {
    out.fill(0);
    ray.set(cameraRay);
    throughput.fill(1);
    let seesSun = true;
    let passedThrough = 0;
    for (let bounce = 0; bounce <= maxBounces; bounce++) {
      hit[0] = Infinity;
      if (!scene.nearest(ray, hit, found)) {
        addSky(seesSun, bounce, out);
        return;
      }
      const s = scatterings[found.mesh] as Scattering;
      if (s.material.opacity < 1 && sampler.next() >= s.material.opacity) {
        if (++passedThrough > maxPassedThrough) return;
        ray[6] = (hit[0] as number) * (1 + 1e-6) + 1e-7;
        bounce--;
        continue;
      }
      fillSurface(surface, scene.meshes[found.mesh] as TraceMesh, found.triangle, ray, hit);
      fillFrame(frame, smooth);
      const ox = -along(ray, frame, 0);
      const oy = -along(ray, frame, 3);
      const oz = Math.max(1e-4, -along(ray, smooth, 0));
      const choice = sampler.next();
      let goesOn = true;
      if (s.material.kind === "glass") {
        goesOn = bounceGlass(s, ox, oy, oz, choice, sampler);
        if (!s.isMirror) seesSun = false;
      } else {
        addSun(s, ox, oy, oz, sampler, bounce, out);
        const onTop = s.material.kind === "glossy" ? layerReflectance(s, oz) * s.specularLuma : 0;
        const below = s.colorLuma * (1 - onTop);
        const topChance =
          onTop <= 0 ? 0 : below <= 0 ? 1 : Math.min(0.9, Math.max(0.1, onTop / (onTop + below)));
        if (choice < topChance) {
          goesOn = bounceGlossy(s, ox, oy, oz, 1 / topChance, sampler);
          if (!s.isMirror) seesSun = false;
        } else {
          bounceMatt(s, (1 - onTop) / (1 - topChance), sampler);
          seesSun = false;
        }
      }
      if (!goesOn) return;
      const strongest = Math.max(throughput[0] as number, throughput[1] as number, throughput[2] as number);
      if (!(strongest > 1e-4)) return;
      if (bounce >= bouncesBeforeRoulette && strongest < 0.95) {
        if (sampler.next() >= strongest) return;
        dim(1 / strongest, 1 / strongest, 1 / strongest);
      }
    }
  };
}

function along(ray: Ray, vectors: Float64Array, at: number): number {
  return (
    (ray[3] as number) * (vectors[at] as number) +
    (ray[4] as number) * (vectors[at + 1] as number) +
    (ray[5] as number) * (vectors[at + 2] as number)
  );
}

/** Two tangents to a unit normal, without a branch that would show (Duff and others 2017). */
function fillFrame(frame: Float64Array, normal: Float64Array): void {
  const x = normal[0] as number;
  const y = normal[1] as number;
  const z = normal[2] as number;
  const sign = z >= 0 ? 1 : -1;
  const a = -1 / (sign + z);
  const b = x * y * a;
  frame[0] = 1 + sign * x * x * a;
  frame[1] = sign * b;
  frame[2] = -sign * x;
  frame[3] = b;
  frame[4] = sign + y * y * a;
  frame[5] = -y;
}

/** An even choice over the sun's disc, as the ray's direction. */
function aimAtSun(
  direction: readonly [number, number, number],
  cosRadius: number,
  sampler: Sampler,
  ray: Ray,
): void {
  const cosine = 1 - sampler.next() * (1 - cosRadius);
  const sine = Math.sqrt(Math.max(0, 1 - cosine * cosine));
  const angle = 2 * Math.PI * sampler.next();
  const [x, y, z] = direction;
  const sign = z >= 0 ? 1 : -1;
  const a = -1 / (sign + z);
  const b = x * y * a;
  const p = sine * Math.cos(angle);
  const q = sine * Math.sin(angle);
  ray[3] = p * (1 + sign * x * x * a) + q * b + cosine * x;
  ray[4] = p * sign * b + q * (sign + y * y * a) + cosine * y;
  ray[5] = p * -sign * x - q * y + cosine * z;
}
