import assert from "node:assert/strict";
import { test } from "node:test";
import { floor, glass, matt, sphere } from "../../../test/simulator-shapes.ts";
import { createRay } from "./intersect.ts";
import { createPathIntegrator } from "./path-integrator.ts";
import type { RenderEnvironment, RenderMaterial, RenderMesh, Vec3 } from "./render-engine.ts";
import { createSampler } from "./sampler.ts";
import { createSky } from "./sky.ts";
import { buildGeometryBvh, createTraceScene } from "./trace-scene.ts";

const white: RenderEnvironment = { kind: "texture", color: [1, 1, 1], power: 1 };
const noon: RenderEnvironment = { kind: "daylight", sunDirection: [0, 1, 0], turbidity: 2.4, power: 1 };

/** Mean colour of `count` paths along one ray. */
function look(
  meshes: readonly RenderMesh[],
  environment: RenderEnvironment,
  from: Vec3,
  to: Vec3,
  count = 400,
): Vec3 {
  const scene = createTraceScene(meshes.map((mesh) => ({ ...mesh, bvh: buildGeometryBvh(mesh) })));
  const integrate = createPathIntegrator(scene, createSky(environment));
  const sampler = createSampler();
  const ray = createRay();
  const out = new Float64Array(3);
  const sum = [0, 0, 0];
  const direction = to.map((part, axis) => part - from[axis]!);
  const length = Math.hypot(...direction);
  for (let sample = 0; sample < count; sample++) {
    ray.set([...from, ...direction.map((part) => part / length), 0]);
    sampler.start(11, 4, sample);
    integrate(ray, sampler, out);
    for (let channel = 0; channel < 3; channel++) sum[channel] = sum[channel]! + out[channel]! / count;
  }
  return [sum[0]!, sum[1]!, sum[2]!];
}

function near(actual: Vec3, expected: Vec3, tolerance: number): void {
  for (const [channel, value] of actual.entries()) {
    assert.ok(Math.abs(value - expected[channel]!) <= tolerance, `[${actual}] is not near [${expected}]`);
  }
}

const lookAtBall: [Vec3, Vec3] = [
  [0, 0, 5],
  [0.3, 0.2, 0],
];
const ball = (material: RenderMaterial) => [sphere("ball", [0, 0, 0], 1, material, 64)];
const shiny: RenderMaterial = {
  ...matt([0, 0, 0]),
  kind: "glossy",
  specular: [1, 1, 1],
  indexOfRefraction: 1e6,
};

// the furnace: in even white light what absorbs nothing cannot be told from its surroundings
for (const [name, material, expected, tolerance] of [
  ["a white matt ball", matt([1, 1, 1]), [1, 1, 1], 1e-6],
  ["a coloured matt ball", matt([0.5, 0.25, 0]), [0.5, 0.25, 0], 1e-6],
  ["clear glass", glass, [1, 1, 1], 0.02],
  ["frosted glass", { ...glass, roughness: 0.4 }, [1, 1, 1], 0.08],
  ["a mirror", shiny, [1, 1, 1], 1e-3],
  [
    "a brushed mirror, which loses light that would bounce between facets",
    { ...shiny, roughness: 0.5 },
    [0.92, 0.92, 0.92],
    0.05,
  ],
  ["lacquer over white", { ...shiny, color: [1, 1, 1], indexOfRefraction: 1.5 }, [1, 1, 1], 0.03],
  ["an invisible ball", { ...matt([0, 0, 0]), opacity: 0 }, [1, 1, 1], 1e-6],
  [
    "a half transparent black ball, front and back",
    { ...matt([0, 0, 0]), opacity: 0.5 },
    [0.25, 0.25, 0.25],
    0.03,
  ],
] as const satisfies readonly (readonly [string, RenderMaterial, Vec3, number])[]) {
  test(`in even white light ${name} looks like [${expected}]`, () => {
    near(look(ball(material), white, ...lookAtBall, 2000), expected, tolerance);
  });
}

test("the ground in the sun shows the sun's and the sky's light times its colour", () => {
  const sky = createSky(noon);
  const irradiance = sky.sun!.irradiance;
  const [red, green, blue] = look(
    [floor("floor", 0, 50, matt([0.5, 0.5, 0.5]))],
    noon,
    [0, 3, 0.1],
    [0, 0, 0],
    3000,
  );
  for (const [channel, value] of [red, green, blue].entries()) {
    const fromSun = (0.5 * irradiance[channel]!) / Math.PI;
    assert.ok(
      value > fromSun * 1.02 && value < fromSun * 1.8,
      `channel ${channel}: ${value}, sun ${fromSun}`,
    );
  }
});

test("shadow is darker than sun, bluer, not black, and soft at its edge", () => {
  const meshes = [
    floor("floor", 0, 50, matt([0.5, 0.5, 0.5])),
    sphere("b", [0, 20, 0], 1, matt([0.5, 0.5, 0.5]), 64),
  ];
  const at = (x: number) => look(meshes, noon, [x, 3, 5], [x, 0, 0], 600);
  const shadow = at(0);
  const edge = at(1);
  const sun = at(4);
  assert.ok(shadow[0] < 0.5 * sun[0] && shadow[0] > 0.01);
  assert.ok(shadow[2] / shadow[0] > sun[2] / sun[0]);
  assert.ok(edge[0] > shadow[0] * 1.3 && edge[0] < sun[0] * 0.95, `${shadow[0]} ${edge[0]} ${sun[0]}`);
});

test("glass bends light: through a ball the upper side shows what lies below", () => {
  const red = floor("red", -3, 200, matt([1, 0, 0]));
  const meshes = [red, ...ball(glass)];
  const above = look(meshes, white, [0, 0, 5], [0, 0.7, 0], 300);
  const below = look(meshes, white, [0, 0, 5], [0, -0.7, 0], 300);
  assert.ok(above[1] < 0.5 && above[0] > 0.8, `above ${above}`);
  assert.ok(below[1] > 0.6, `below ${below}`);
});

test("glass lets tinted light through to the ground", () => {
  const green: RenderMaterial = { ...glass, specular: [0.2, 1, 0.2] };
  const ground = floor("floor", 0, 50, matt([0.5, 0.5, 0.5]));
  const [red, greenLight] = look(
    [ground, sphere("b", [0, 20, 0], 2, green, 32)],
    noon,
    [0, 3, 5],
    [0, 0, 0],
    600,
  );
  const blocked = look(
    [ground, sphere("b", [0, 20, 0], 2, matt([0, 0, 0]), 32)],
    noon,
    [0, 3, 5],
    [0, 0, 0],
    600,
  );
  assert.ok(greenLight > 3 * blocked[1] && greenLight > 2 * red);
});

test("a mirror shows the sun where it reflects it, and a rough one a highlight", () => {
  const sunwards: Vec3 = [0, 10, 0.0001];
  const mirror = look(ball(shiny), noon, sunwards, [0, 0, 0], 50);
  assert.ok(mirror[0] > 20, `${mirror}`);
  const rough = look(ball({ ...shiny, roughness: 0.5 }), noon, sunwards, [0, 0, 0], 300);
  const besides = look(ball({ ...shiny, roughness: 0.5 }), noon, [5, 2, 0], [0, 0, 0], 300);
  assert.ok(rough[0] > 3 * besides[0] && rough[0] < mirror[0]);
});

test("after sunset there is no sun and little light, and never a negative or infinite one", () => {
  const out = new Float64Array(3);
  for (const [sunHeight, brightest] of [
    [1, 8],
    [0.1, 8],
    [0, 8],
    [-0.05, 3],
    [-1, 0.01],
  ] as const) {
    const sky = createSky({
      kind: "daylight",
      sunDirection: [Math.sqrt(1 - sunHeight * sunHeight), sunHeight, 0],
      turbidity: 3,
      power: 1,
    });
    if (sunHeight <= -0.05) assert.equal(sky.sun, undefined);
    for (let i = 0; i < 200; i++) {
      const y = 1 - i / 100;
      sky.radiance(Math.sqrt(1 - y * y), y, 0, out);
      for (const value of out)
        assert.ok(value >= 0 && value < brightest, `${value} at ${y}, sun ${sunHeight}`);
    }
  }
});
