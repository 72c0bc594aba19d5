import type { RenderEnvironment, Vec3 } from "./render-engine.ts";

/** Light from outside the scene. */
export interface Sky {
  /** Radiance arriving from the unit direction, without the sun's disc, into `out[0..2]`. */
  radiance(x: number, y: number, z: number, out: Float64Array): void;
  readonly sun: Sun | undefined;
}

/** A small disc of even radiance. */
export interface Sun {
  readonly direction: Vec3;
  /** Irradiance on a surface that faces the sun. */
  readonly irradiance: Vec3;
  readonly radiance: Vec3;
  /** Cosine of the disc's angular radius. */
  readonly cosRadius: number;
}

/** Wider than the real sun (0.27 degrees), as behind thin haze: shadows are soft a little way from what casts them. */
const sunRadius = (0.6 * Math.PI) / 180;

/** Optical depth of clean air towards the zenith at the wavelengths of red, green and blue. */
const airDepth: Vec3 = [0.046, 0.108, 0.265];

/** Sunlight above the air; chosen so that a grey object in the sun at noon comes out well at exposure 1. */
const solarIrradiance = 2.7;

/** Light scattered more than once, which the formula leaves out, makes real skies about this much brighter. */
const skyGain = 3.2;

const groundAlbedo: Vec3 = [0.36, 0.34, 0.31];

/** Builds the light of an environment; evaluating it allocates nothing. */
export function createSky(environment: RenderEnvironment): Sky {
  if (environment.kind === "texture") {
    const [red, green, blue] = environment.color.map(
      (channel) => channel * environment.power,
    ) as unknown as Vec3;
    return {
      radiance(_x, _y, _z, out) {
        out[0] = red;
        out[1] = green;
        out[2] = blue;
      },
      sun: undefined,
    };
  }
  return createDaylight(environment.sunDirection, environment.turbidity, environment.power);
}

/**
 * Single scattering in a flat layer of air and haze: blue overhead, pale at the horizon, a glow around the sun, red when
 * the sun is low. Below the horizon an even ground, lit by the sun and sky.
 */
function createDaylight(sunDirection: Vec3, turbidity: number, power: number): Sky {
  const [sx, sy, sz] = sunDirection;
  const hazeDepth = 0.025 * Math.max(0, turbidity - 1);
  const sunMass = airMass(Math.max(0, sy));
  // the disc sinks through the horizon instead of going out at once
  const risen = smoothStep(-0.02, 0.03, sy);
  const depth = airDepth.map((air) => air + hazeDepth);
  const sunlight = depth.map((d) => power * solarIrradiance * Math.exp(-d * sunMass));
  // the sky is lit from higher air: it reddens less than the disc and stays bright a while after sunset
  const dusk = smoothStep(-0.3, 0.12, sy);
  const skylight = depth.map((d) => power * solarIrradiance * skyGain * dusk * Math.exp(-d * sunMass * 0.35));
  const night = 0.004 * power;

  const upper = (x: number, y: number, z: number, out: Float64Array): void => {
    const mass = airMass(Math.max(0, y));
    const cosine = x * sx + y * sy + z * sz;
    const airPhase = 0.0597 * (1 + cosine * cosine);
    const hazePhase = 0.0796 * henyeyGreenstein(cosine, 0.6);
    for (let channel = 0; channel < 3; channel++) {
      const air = airDepth[channel] as number;
      const total = depth[channel] as number;
      const scattered = (air * airPhase + hazeDepth * hazePhase) / total;
      out[channel] = (skylight[channel] as number) * scattered * (1 - Math.exp(-total * mass)) + night;
    }
  };
  const ground = groundRadiance(upper, sunlight, Math.max(0, sy) * risen);

  return {
    radiance(x, y, z, out) {
      upper(x, y, z, out);
      if (y >= 0) return;
      // a hazy horizon: the ground sets in over a few degrees
      const share = smoothStep(0, 0.12, -y);
      for (let channel = 0; channel < 3; channel++) {
        const above = out[channel] as number;
        out[channel] = above + ((ground[channel] as number) - above) * share;
      }
    },
    sun: risen > 0 ? createSun(sunDirection, sunlight, risen) : undefined,
  };
}

function createSun(direction: Vec3, sunlight: readonly number[], risen: number): Sun {
  const irradiance = sunlight.map((channel) => channel * risen) as unknown as Vec3;
  const solidAngle = 2 * Math.PI * (1 - Math.cos(sunRadius));
  return {
    direction,
    irradiance,
    radiance: irradiance.map((channel) => channel / solidAngle) as unknown as Vec3,
    cosRadius: Math.cos(sunRadius),
  };
}

/** What a matt ground reflects, from a coarse sum over the upper half of the sky. */
function groundRadiance(
  upper: (x: number, y: number, z: number, out: Float64Array) => void,
  sunlight: readonly number[],
  sunCosine: number,
): Float64Array {
  const rings = 8;
  const spokes = 16;
  const sample = new Float64Array(3);
  const sum = new Float64Array(3);
  for (let ring = 0; ring < rings; ring++) {
    for (let spoke = 0; spoke < spokes; spoke++) {
      // cosine-weighted directions: the mean radiance over them times pi is the irradiance
      const radius = Math.sqrt((ring + 0.5) / rings);
      const angle = (2 * Math.PI * spoke) / spokes;
      upper(radius * Math.cos(angle), Math.sqrt(1 - radius * radius), radius * Math.sin(angle), sample);
      for (let channel = 0; channel < 3; channel++) {
        sum[channel] = (sum[channel] as number) + (sample[channel] as number) / (rings * spokes);
      }
    }
  }
  return sum.map(
    (sky, channel) =>
      (groundAlbedo[channel] as number) * (sky + ((sunlight[channel] as number) * sunCosine) / Math.PI),
  );
}

/** Air passed through at a sine of elevation, relative to the zenith (Kasten and Young). */
function airMass(sine: number): number {
  const degrees = (Math.asin(Math.min(1, sine)) * 180) / Math.PI;
  return 1 / (sine + 0.50572 * (degrees + 6.07995) ** -1.6364);
}

function henyeyGreenstein(cosine: number, forward: number): number {
  const square = forward * forward;
  return (1 - square) / (1 + square - 2 * forward * cosine) ** 1.5;
}

function smoothStep(from: number, to: number, value: number): number {
  const share = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return share * share * (3 - 2 * share);
}
