export type Vector = readonly [number, number, number];

/** Where Octane's camera stands and looks. */
export interface Pose {
  readonly position: Vector;
  readonly target: Vector;
  readonly up: Vector;
  /** Horizontal, degrees. */
  readonly fov: number;
}

/** How near the camera comes to looking straight up or down. */
const steepest = (89.5 * Math.PI) / 180;
const nearest = 1e-3;

/** Round the target, in radians: `right` moves the camera to its right, `upward` above. */
export function orbit(pose: Pose, right: number, upward: number): Pose {
  const up = unit(pose.up);
  const arm = minus(pose.position, pose.target);
  const radius = Math.max(nearest, length(arm));
  const turned = rotate(arm, up, right);
  const height = Math.asin(clamp(dot(turned, up) / radius, -1, 1));
  const wanted = clamp(height + upward, -steepest, steepest);
  const flat = minus(turned, scale(up, dot(turned, up)));
  const forward = length(flat) > radius * 1e-6 ? unit(flat) : anyAcross(up);
  const next = plus(scale(forward, Math.cos(wanted) * radius), scale(up, Math.sin(wanted) * radius));
  return { ...pose, position: plus(pose.target, next) };
}

/** Sideways, as fractions of the picture's width, so that what is at the target's distance follows the pointer. */
export function pan(pose: Pose, right: number, upward: number): Pose {
  const arm = minus(pose.target, pose.position);
  const width = 2 * length(arm) * Math.tan((pose.fov * Math.PI) / 360);
  const across = unit(cross(arm, pose.up));
  const above = unit(cross(across, arm));
  const move = plus(scale(across, right * width), scale(above, upward * width));
  return { ...pose, position: plus(pose.position, move), target: plus(pose.target, move) };
}

/** To and from the target: 0.5 halves the distance. */
export function dolly(pose: Pose, factor: number): Pose {
  const arm = minus(pose.position, pose.target);
  const distance = Math.max(nearest, length(arm) * factor);
  return { ...pose, position: plus(pose.target, scale(unit(arm), distance)) };
}

function plus(a: Vector, b: Vector): Vector {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

function minus(a: Vector, b: Vector): Vector {
  return plus(a, scale(b, -1));
}

function scale(a: Vector, factor: number): Vector {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function length(a: Vector): number {
  return Math.hypot(...a);
}

/** A vector without length becomes one that looks ahead. */
function unit(a: Vector): Vector {
  const size = length(a);
  return size === 0 ? [0, 0, 1] : scale(a, 1 / size);
}

function anyAcross(up: Vector): Vector {
  return unit(cross(up, Math.abs(up[0]) < 0.9 ? [1, 0, 0] : [0, 0, 1]));
}

/** Rodrigues' rotation about a unit axis. */
function rotate(a: Vector, axis: Vector, angle: number): Vector {
  const cosine = Math.cos(angle);
  const along = scale(axis, dot(axis, a) * (1 - cosine));
  return plus(plus(scale(a, cosine), scale(cross(axis, a), Math.sin(angle))), along);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
