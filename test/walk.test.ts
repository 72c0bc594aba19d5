import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createProxy, createSimulator, type Generation } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { flatten, walkAsOctaneWeb } from "./clients/octane-web.ts";
import { walkAsOctaneWebR } from "./clients/octane-web-r.ts";

const generations: readonly Generation[] = ["alpha5", "beta2"];

/** The size of the sample scene that both clients open first. */
const sceneItems = 310;

for (const generation of generations) {
  suite(`a simulator of ${generation}`, () => {
    test("shows octaneWeb the whole tree and every inspector value", async () => {
      await withProxy(generation, async (url) => {
        const { roots, calls } = await walkAsOctaneWeb(url);
        const items = flatten(roots);
        assert.deepEqual(roots.map((item) => item.outType).sort(), ["PT_GEOMETRY", "PT_RENDERTARGET"]);
        assert.equal(items.length, sceneItems);
        assert.ok(calls > 2700 && calls < 3500, `${calls} calls`);

        const leaves = items.filter((item) => item.attrType !== undefined && item.attrType !== "AT_UNKNOWN");
        assert.ok(leaves.length > 280, `${leaves.length} leaves`);
        for (const leaf of leaves) {
          assert.equal(Object.keys(leaf.value ?? {}).length, 1, `${leaf.name} has one value`);
          const controls = leaf.pinInfo ?? {};
          if (leaf.info.type === "NT_FLOAT") {
            const { dimCount } = controls.floatInfo as { dimCount: number };
            assert.ok(dimCount >= 1 && dimCount <= 4, `${leaf.name} has ${dimCount} dimensions`);
          }
          if (leaf.info.type === "NT_ENUM") {
            assert.ok(
              (controls.enumInfo as { values: unknown[] }).values.length > 0,
              `${leaf.name} has choices`,
            );
          }
        }
        const camera = items.find((item) => item.info.type === "NT_CAM_THINLENS");
        assert.equal(camera?.children.find((child) => child.pinInfo?.id === "P_FOV")?.attrType, "AT_FLOAT4");
      });
    });

    for (const readMethod of ["getByAttrID", "getValueByAttrID"] as const) {
      test(`shows octaneWebR, built for ${readMethod}, the whole tree and every inspector value`, async () => {
        await withProxy(generation, async (url) => {
          const { roots, items } = await walkAsOctaneWebR(url, readMethod);
          assert.equal(items.size, sceneItems);
          const mesh = roots.find((item) => item.outType === "PT_GEOMETRY");
          assert.deepEqual(mesh?.position, { x: 544, y: 35 });
          const leaves = [...items.values()].filter(
            (item) => item.children.length === 0 && item.attrType && item.attrType !== "AT_UNKNOWN",
          );
          assert.ok(leaves.length > 280, `${leaves.length} leaves`);
          for (const leaf of leaves) assert.notEqual(leaf.value, undefined, `${leaf.name} has a value`);
          const files = [...items.values()].map((item) => item.fileName).filter((name) => name !== undefined);
          assert.ok(files.some((name) => name.endsWith("teapot.obj")) || mesh !== undefined);
        });
      });
    }

    test("takes a value written with either generation's name and shows it under the other", async () => {
      await withProxy(generation, async (url) => {
        const { items } = await walkAsOctaneWebR(url, "getByAttrID");
        const fov = [...items.values()].find((item) => item.pinInfo?.id === "P_FOV");
        assert.ok(fov);
        const objectPtr = { handle: fov.handle, type: 16 };
        for (const [write, read, value] of [
          ["setByAttrID", "getValueByAttrID", 61.5],
          ["setValueByAttrID", "getByAttrID", 33.25],
        ] as const) {
          const params = { objectPtr, attribute_id: 185, expected_type: 12 };
          const written = await post(url, `/api/grpc/ApiItem/${write}`, {
            ...params,
            float4_value: { x: value, y: 0, z: 0, w: 0 },
            evaluate: false,
          });
          assert.equal(written.success, true);
          const reply = await post(url, `/api/grpc/ApiItem/${read}`, params);
          assert.deepEqual(reply, { float4_value: { x: value, y: 0, z: 0, w: 0 }, value: "float4_value" });
          assert.equal((await post(url, "/LiveLink/GetCamera", {})).data.fov, value);
        }
      });
    });
  });
}

async function withProxy(generation: Generation, use: (url: string) => Promise<void>): Promise<void> {
  const simulator = await createSimulator({ generation, pattern: true, fps: 1 });
  const proxy = await createProxy({ port: 0, octane: simulator.address, logger: silentLogger });
  try {
    await proxy.ready();
    await use(proxy.url);
  } finally {
    await proxy.close();
    await simulator.close();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the reply has
async function post(url: string, path: string, body: unknown): Promise<any> {
  const response = await fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 200, `${path}: ${response.status}`);
  return response.json();
}
