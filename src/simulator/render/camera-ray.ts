import type { Ray } from "./intersect.ts";
import type { RenderCamera, Vec3 } from "./render-engine.ts";

/** Turns film positions into rays. */
export interface CameraRays {
  /** `u` 0..1 from left to right, `v` 0..1 from top to bottom; `lensA` and `lensB` 0..1 pick a point of the lens. */
  aim(u: number, v: number, lensA: number, lensB: number, ray: Ray): void;
}

/** A thin lens that looks from position to target; `aspect` is width by height of the film. */
export function createCameraRays(camera: RenderCamera, aspect: number): CameraRays {
  const [px, py, pz] = camera.position;
  const forward = normalize(subtract(camera.target, camera.position), [0, 0, -1]);
  const right = normalize(cross(forward, camera.up), sideways(forward));
  const up = cross(right, forward);
  const fov = Math.min(179, Math.max(0.1, camera.fovDegrees));
  const halfWidth = Math.tan((fov * Math.PI) / 360);
  const halfHeight = halfWidth / aspect;
  const targetDistance = Math.hypot(...subtract(camera.target, camera.position));
  const focus = camera.focalDepth > 0 ? camera.focalDepth : Math.max(targetDistance, 1e-6);

  return {
    aim(u, v, lensA, lensB, ray) {
      const across = (2 * u - 1) * halfWidth * focus;
      const upwards = (1 - 2 * v) * halfHeight * focus;
      let lensX = 0;
      let lensY = 0;
      if (camera.aperture > 0) {
        const radius = camera.aperture * Math.sqrt(lensA);
        lensX = radius * Math.cos(2 * Math.PI * lensB);
        lensY = radius * Math.sin(2 * Math.PI * lensB);
      }
      const dx = forward[0] * focus + right[0] * (across - lensX) + up[0] * (upwards - lensY);
      const dy = forward[1] * focus + right[1] * (across - lensX) + up[1] * (upwards - lensY);
      const dz = forward[2] * focus + right[2] * (across - lensX) + up[2] * (upwards - lensY);
      const scale = 1 / Math.sqrt(dx * dx + dy * dy + dz * dz);
      ray[0] = px + right[0] * lensX + up[0] * lensY;
      ray[1] = py + right[1] * lensX + up[1] * lensY;
      ray[2] = pz + right[2] * lensX + up[2] * lensY;
      ray[3] = dx * scale;
      ray[4] = dy * scale;
      ray[5] = dz * scale;
      ray[6] = 0;
    },
  };
}

/** Any horizontal direction for a camera that looks along its own up vector. */
function sideways(forward: Vec3): Vec3 {
  return normalize(cross(forward, [0, 0, -1]), [1, 0, 0]);
}

function subtract(a: Vec3, b: Vec3): Vec3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function cross(a: Vec3, b: Vec3): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function normalize(vector: Vec3, otherwise: Vec3): Vec3 {
  const length = Math.hypot(...vector);
  if (!(length > 1e-9) || !Number.isFinite(length)) return otherwise;
  return [vector[0] / length, vector[1] / length, vector[2] / length];
}
