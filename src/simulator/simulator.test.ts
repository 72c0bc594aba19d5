import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Fields, type Ref, type SimulatorClient, startSimulator } from "../../test/simulator-client.ts";
import { loadBuiltIn } from "../contract/built-in.ts";
import type { Generation } from "../contract/contract.ts";
import { readRenderSettings } from "./scene/render-settings.ts";
import type { SceneChange } from "./scene/scene.ts";
import { createSimulator } from "./simulator.ts";

const start = async (
  t: { after(close: () => Promise<void>): void },
  generation: Generation = "beta2",
): Promise<SimulatorClient> => {
  const client = await startSimulator(generation);
  t.after(() => client.close());
  return client;
};

describe("the camera", () => {
  test("is the camera node's position, target, up-vector and field of view, with every oneof set", async (t) => {
    const client = await start(t, "alpha5");
    const state = await client.call("LiveLink/GetCamera");
    assert.deepEqual(plain(state), {
      posSet: { case: "position", value: { x: 1.1445, y: 11.985, z: 20.6075 } },
      targetSet: { case: "target", value: { x: 0.1784, y: 1.3363, z: -0.6682 } },
      upSet: { case: "up", value: { x: 0, y: 1, z: 0 } },
      fovSet: { case: "fov", value: 39.59775 },
    });
    const objectPtr = (await client.ask("ApiNode/connectedNodeIx", { objectPtr: target, pinIx: 0 })) as Ref;
    await client.call("ApiNode/setPinValue1", { objectPtr, id: client.number("PinId", "P_FOV"), value: 60 });
    assert.deepEqual((await client.call("LiveLink/GetCamera")).fovSet, { case: "fov", value: 60 });
  });

  test("set by LiveLink shows in the nodes and in what is rendered; what is left out stays", async (t) => {
    const client = await start(t);
    const { scene } = client.simulator;
    const changes: SceneChange["kind"][] = [];
    scene.onChange(({ kind }) => changes.push(kind));
    await client.call("LiveLink/SetCamera", { posSet: { case: "position", value: { x: 5, y: 6, z: 7 } } });
    assert.deepEqual(changes, ["camera"]);
    const itemRef = (await client.ask("ApiNode/connectedNodeIx", { objectPtr: target, pinIx: 0 })) as Ref;
    const pin = await client.call("ApiNode/getPinValueByName", {
      itemRef,
      name: "position",
      expectedType: 11,
    });
    assert.deepEqual(plain(pin.value), { case: "float3Value", value: { x: 5, y: 6, z: 7 } });
    const settings = readRenderSettings(scene);
    assert.deepEqual(settings?.camera.position, [5, 6, 7]);
    assert.ok(Math.abs((settings?.camera.fovDegrees ?? 0) - 39.597752) < 1e-5);
    const reply = await client.stream("LiveLink/StreamCamera", [
      { fovSet: { case: "fov", value: 20 } },
      { fovSet: { case: "fov", value: 25 } },
    ]);
    assert.match(String(reply.message), /2 camera poses/);
    assert.equal(readRenderSettings(scene)?.camera.fovDegrees, 25);
  });
});

test("meshes are listed and given with smooth unit normals", async (t) => {
  const client = await start(t);
  const { meshes } = (await client.call("LiveLink/GetMeshes")) as { meshes: Fields[] };
  assert.deepEqual(plain(meshes), [{ name: "teapot.obj", id: 0, objectHandle: "1000002" }]);
  const mesh = await client.call("LiveLink/GetMesh", { objecthandle: 1000002 });
  const [positions, normals] = [mesh.positions as Vector[], mesh.normals as Vector[]];
  assert.equal(positions.length, normals.length);
  for (const { x, y, z } of normals) assert.ok(Math.abs(Math.hypot(x, y, z) - 1) < 1e-4);
  const triangles = (mesh.polyVertIndices as number[]).length / 3;
  assert.ok(triangles > 5000 && triangles < 20_000, String(triangles));
  assert.ok((mesh.polyVertIndices as number[]).every((index) => index < positions.length));
  // The widest point of the belly faces away from the axis.
  const belly = positions.reduce((best, p, i) => (p.z > (positions[best]?.z ?? 0) ? i : best), 0);
  assert.ok((normals[belly]?.z ?? 0) > 0.9);
  await assert.rejects(client.call("LiveLink/GetMesh", { objecthandle: 1000025 }), { code: 5 });
});

test("what is rendered follows materials, environment, film and imager", async (t) => {
  const client = await start(t);
  const { scene } = client.simulator;
  const make = async (pinPath: readonly string[], type: string): Promise<Ref> => {
    let objectPtr: Ref = target;
    for (const name of pinPath.slice(0, -1)) {
      const { foundIndex } = await client.call("ApiNode/findPin1", { objectPtr, name });
      objectPtr = (await client.ask("ApiNode/connectedNodeIx", { objectPtr, pinIx: foundIndex })) as Ref;
    }
    const pinName = pinPath.at(-1);
    const request = { objectPtr, pinName, type: client.number("NodeType", type), configurePins: true };
    return (await client.ask("ApiNode/createInternal1", request)) as Ref;
  };
  const set = async (itemRef: Ref, name: string, value: unknown): Promise<void> => {
    const reply = await client.call("ApiNode/setPinValueByName", { itemRef, name, value });
    assert.equal(reply.success, true, String(reply.errorMessage));
  };
  const teapot = () => readRenderSettings(scene)?.meshes[0];
  assert.equal(teapot()?.material.kind, "diffuse");
  const key = teapot()?.geometryKey;

  const glass = await make(["mesh", "cube"], "NT_MAT_SPECULAR");
  await set(glass, "transmission", { case: "float3Value", value: { x: 0.25, y: 0.5, z: 1 } });
  await set(glass, "index", { case: "floatValue", value: 1.75 });
  assert.deepEqual([teapot()?.material.kind, teapot()?.material.specular], ["glass", [0.25, 0.5, 1]]);
  assert.equal(teapot()?.material.indexOfRefraction, 1.75);
  assert.equal(teapot()?.geometryKey, key, "a material changes no geometry");

  assert.equal(readRenderSettings(scene)?.environment.kind, "daylight");
  const sky = await make(["environment"], "NT_ENV_TEXTURE");
  await set(sky, "power", { case: "floatValue", value: 3 });
  assert.deepEqual(readRenderSettings(scene)?.environment, { kind: "texture", color: [1, 1, 1], power: 3 });

  const film = await make(["filmSettings"], "NT_FILM_SETTINGS");
  await set(film, "resolution", { case: "int2Value", value: { x: 320, y: 200 } });
  const imager = await make(["imager"], "NT_IMAGER_CAMERA");
  await set(imager, "exposure", { case: "floatValue", value: 2 });
  const settings = readRenderSettings(scene);
  assert.deepEqual([settings?.width, settings?.height, settings?.maxSamples], [320, 200, 500]);
  assert.deepEqual(settings?.imager, { exposure: 2, gamma: 1 });
  await client.call("ApiItem/destroy", { objectPtr: target });
  assert.equal(readRenderSettings(scene), undefined);
  await assert.rejects(client.call("LiveLink/GetCamera"), { code: 9 });
});

describe("projects", () => {
  test("reset makes everything anew and tells of it; save and load bring it back", async (t) => {
    const client = await start(t);
    const { scene } = client.simulator;
    const changes: SceneChange["kind"][] = [];
    scene.onChange(({ kind }) => changes.push(kind));
    await client.call("ApiItem/setName", { objectPtr: target, name: "Close-up" });
    assert.equal(await client.ask("ApiProjectManager/saveProjectAs", { path: "a/close.ocs" }), true);
    assert.equal(await client.ask("ApiProjectManager/getCurrentProject"), "a/close.ocs");
    changes.length = 0;
    assert.equal(await client.ask("ApiProjectManager/resetProject"), true);
    assert.deepEqual(changes, ["project"]);
    await assert.rejects(client.call("ApiItem/name", { objectPtr: target }), { code: 5 });
    assert.equal(await client.ask("ApiProjectManager/getCurrentProject"), "");
    assert.equal(await client.ask("ApiProjectManager/saveProject"), false, "a new project has no path");

    const before = (await client.ask("ApiProjectManager/rootNodeGraph")) as Ref;
    assert.equal(await client.ask("ApiProjectManager/loadProject", { projectPath: "none.ocs" }), false);
    assert.deepEqual(await client.ask("ApiProjectManager/rootNodeGraph"), before);
    assert.equal(await client.ask("ApiProjectManager/loadProject", { projectPath: "a/close.ocs" }), true);
    const objectPtr = (await client.ask("ApiProjectManager/rootNodeGraph")) as Ref;
    const type = client.number("NodeType", "NT_RENDERTARGET");
    const loaded = (await client.ask("ApiNodeGraph/findFirstNode", { objectPtr, type })) as Ref;
    assert.equal(await client.ask("ApiItem/name", { objectPtr: loaded }), "Close-up");
    assert.equal(scene.size, 311 + 3);
    const mesh = (await client.ask("ApiNode/connectedNodeIx", { objectPtr: loaded, pinIx: 2 })) as Ref;
    assert.equal(await client.ask("ApiItem/name", { objectPtr: mesh }), "teapot.obj", "wires are saved too");
    assert.equal(
      await client.ask("ApiProjectManager/loadProject", { projectPath: "C:\\x\\teapot.orbx" }),
      true,
    );
  });
});

test("it says that it is a simulator", async (t) => {
  const client = await start(t);
  assert.equal(await client.ask("ApiInfo/octaneVersion"), 15_000_005);
  assert.match(String(await client.ask("ApiInfo/octaneName")), /simulator/);
});

describe("the database", () => {
  test("has categories whose materials can be put into the scene", async (t) => {
    const client = await start(t);
    const db = (await client.ask("ApiLocalDB/root")) as Ref;
    assert.equal(await client.ask("ApiLocalDB_Category/subCategoryCount", { objectPtr: db }), 3);
    const plastics = await client.ask("ApiLocalDB_Category/subCategory", { objectPtr: db, index: 0 });
    const objectPtr = await client.ask("ApiLocalDB_Category/package", { objectPtr: plastics, index: 0 });
    assert.equal(await client.ask("ApiLocalDB_Package/name1", { objectPtr }), "Red plastic");
    const request = { objectPtr, destinationGraph: { handle: 1000001n, type: 0 } };
    assert.equal(await client.ask("ApiLocalDB_Package/loadPackage", request), true);
    assert.equal(client.simulator.scene.root.items.at(-1)?.name, "Red plastic");
    const { outputNode } = await client.call("ApiDBMaterialManager/downloadMaterial", { materialId: 103 });
    assert.equal(await client.ask("ApiItem/name", { objectPtr: outputNode }), "Clear glass");
  });
});

describe("faults", () => {
  test("fail, delay and hang the calls they name, as often as they say", async (t) => {
    const client = await start(t);
    const { faults } = client.simulator;
    const method = "octaneapi.ApiItemService/name";
    faults.add({ method, times: 1, fault: { kind: "status", code: "RESOURCE_EXHAUSTED", message: "busy" } });
    await assert.rejects(client.call("ApiItem/name", { objectPtr: target }), { code: 8, details: "busy" });
    assert.equal(await client.ask("ApiItem/name", { objectPtr: target }), "Render target");
    faults.add({ method, times: 1, fault: { kind: "delay", ms: 20 } });
    assert.equal(await client.ask("ApiItem/name", { objectPtr: target }), "Render target");
    const remove = faults.add({ method, fault: { kind: "hang" } });
    const hanging = client.call("ApiItem/name", { objectPtr: target });
    assert.equal(await client.ask("ApiItem/outType", { objectPtr: target }), 19);
    remove();
    const rejected = assert.rejects(hanging);
    await client.simulator.stop();
    await rejected;
  });

  test("a dropped connection fails the call; the next one works", async (t) => {
    const client = await start(t);
    client.simulator.faults.add({ times: 1, fault: { kind: "drop" } });
    await assert.rejects(client.call("ApiItem/name", { objectPtr: target }));
    assert.equal(await client.ask("ApiItem/name", { objectPtr: target }), "Render target");
  });

  test("a stopped simulator is unavailable, a restarted one has its port and its scene", async (t) => {
    const client = await start(t);
    await client.call("ApiItem/setName", { objectPtr: target, name: "kept" });
    await client.simulator.stop();
    await assert.rejects(client.call("ApiItem/name", { objectPtr: target }), { code: 14 });
    await client.simulator.start();
    assert.equal(await nameOnceConnected(client), "kept");
  });
});

test("a port in use is an error", async (t) => {
  const client = await start(t);
  await assert.rejects(createSimulator({ port: client.simulator.port, pattern: true }));
});

test("methods without a handler answer UNIMPLEMENTED, all others answer without an internal failure", async (t) => {
  for (const generation of ["alpha5", "beta2"] satisfies Generation[]) {
    const client = await start(t, generation);
    const { services } = loadBuiltIn(generation);
    const unimplemented: string[] = [];
    for (const service of services.values()) {
      for (const method of service.methods.values()) {
        if (method.kind !== "unary") continue;
        await client
          .call(`${service.fullName}/${method.name}`)
          .catch((error: { code: number; details: string }) => {
            if (error.code === 12) unimplemented.push(`${service.fullName}/${method.name}`);
            else
              assert.ok(
                [3, 5, 7, 9, 11].includes(error.code),
                `${method.name}: ${error.code} ${error.details}`,
              );
          });
      }
    }
    assert.ok(unimplemented.length < 40, unimplemented.join("\n"));
    assert.ok(unimplemented.includes("octaneapi.ApiItemService/dumpAttributes"));
  }
});

type Vector = { readonly x: number; readonly y: number; readonly z: number };
const target = { handle: 1000025n, type: 17 };

/** Calls until the channel has connected again; the channel tells when, no time is guessed. */
async function nameOnceConnected(client: SimulatorClient): Promise<unknown> {
  for (;;) {
    const name = await client.ask("ApiItem/name", { objectPtr: target }).catch((error: { code: number }) => {
      assert.equal(error.code, 14);
      return undefined;
    });
    if (name !== undefined) return name;
  }
}

/** Without type names, floats as short as they were written, bigints as text. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, field) => {
      if (key === "$typeName") return undefined;
      if (typeof field === "number") return Number(field.toPrecision(8));
      return typeof field === "bigint" ? String(field) : field;
    }),
    (_, field) => (typeof field === "number" ? Number(field.toPrecision(7)) : field),
  );
}
