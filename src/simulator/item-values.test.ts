import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Fields, type Ref, type SimulatorClient, startSimulator } from "../../test/simulator-client.ts";
import type { Generation } from "../contract/contract.ts";

const names = {
  alpha5: { get: "ApiItem/getByAttrID", set: "ApiItem/setByAttrID", getByName: "ApiItem/getByName" },
  beta2: {
    get: "ApiItem/getValueByAttrID",
    set: "ApiItem/setValueByAttrID",
    getByName: "ApiItem/getValueByName",
  },
} satisfies Record<Generation, unknown>;

for (const generation of ["alpha5", "beta2"] satisfies Generation[]) {
  describe(`values of items in ${generation}`, () => {
    let client: SimulatorClient;
    let root: Ref;
    before(async () => {
      client = await startSimulator(generation);
      root = (await client.ask("ApiProjectManager/rootNodeGraph")) as Ref;
    });
    after(() => client.close());
    const create = async (type: string): Promise<Ref> =>
      (await client.ask("ApiNode/create", {
        type: client.number("NodeType", type),
        ownerGraph: { handle: root.handle, type: 0 },
        configurePins: true,
      })) as Ref;

    const cases: readonly (readonly [string, string, unknown, number])[] = [
      ["NT_BOOL", "boolValue", true, 1],
      ["NT_ENUM", "intValue", -3, 3],
      ["NT_INT", "int4Value", { x: 1, y: -2, z: 3, w: 2147483647 }, 6],
      ["NT_IMAGE_RESOLUTION", "int3Value", { x: 64, y: 32, z: 0 }, 5],
      ["NT_FLOAT", "float4Value", { x: 0.5, y: -1.25, z: 0, w: 8 }, 12],
      ["NT_TEX_RGB", "float3Value", { x: 0.25, y: 0.5, z: 1 }, 11],
      ["NT_TEX_FLOAT", "floatValue", 0.125, 9],
      ["NT_STRING", "stringValue", "äöü \u{1f600}", 14],
      ["NT_FILE", "stringValue", "C:\\a.png", 0],
      [
        "NT_TRANSFORM_VALUE",
        "matrixValue",
        {
          m: [
            { x: 1, y: 2, z: 3, w: 4 },
            { x: 5, y: 6, z: 7, w: 8 },
            { x: 9, y: 10, z: 11, w: 12 },
          ],
        },
        13,
      ],
    ];
    for (const [type, member, value, expectedType] of cases) {
      test(`${type} takes and gives ${member}`, async () => {
        const itemRef = await create(type);
        const set = await client.call(names[generation].set, {
          itemRef,
          attributeId: 185,
          value: { case: member, value },
        });
        assert.deepEqual([set.success, set.errorMessage], [true, ""]);
        for (const asked of [expectedType, 0]) {
          const got = await client.call(names[generation].get, {
            itemRef,
            attributeId: 185,
            expectedType: asked,
          });
          assert.deepEqual(plain(got.value), { case: member, value });
        }
        const byName = await client.call(names[generation].getByName, {
          itemRef,
          name: "value",
          expectedType: 0,
        });
        assert.deepEqual(plain(byName.value), { case: member, value });
      });
    }

    test("a value of another type is refused and changes nothing", async () => {
      const itemRef = await create("NT_FLOAT");
      const set = await client.call(names[generation].set, {
        itemRef,
        attributeId: 185,
        value: { case: "boolValue", value: true },
      });
      assert.equal(set.success, false);
      assert.match(String(set.errorMessage), /A_VALUE has the type AT_FLOAT4, came AT_BOOL/);
      const got = await client.call(names[generation].get, { itemRef, attributeId: 185 });
      assert.deepEqual(plain(got.value), { case: "float4Value", value: { x: 0, y: 0, z: 0, w: 0 } });
    });

    test("a value is not given as another type than the expected one", async () => {
      const itemRef = await create("NT_FLOAT");
      await assert.rejects(
        client.call(names[generation].get, { itemRef, attributeId: 185, expectedType: 90 }),
        { code: 3, details: /ATTR_ID_FLOAT4, expected_type names ATTR_ID_FLOAT2/ },
      );
    });

    test("arrays of a mesh are taken and given, and its material names become pins", async () => {
      const itemRef = await create("NT_GEO_MESH");
      const id = (name: string): number => client.number("AttributeId", name);
      const corners = [
        [0, 0, 0],
        [1, 0, 0],
        [1, 1, 0],
        [0, 1, 0],
      ].map(([x, y, z]) => ({ x, y, z }));
      const arrays: readonly (readonly [string, string, unknown])[] = [
        ["A_VERTICES", "float3Array", corners],
        ["A_VERTICES_PER_POLY", "intArray", [4]],
        ["A_POLY_VERTEX_INDICES", "intArray", [0, 1, 2, 3]],
        ["A_MATERIAL_NAMES", "stringArray", ["body", "lid"]],
      ];
      for (const [name, member, data] of arrays) {
        const arrayValue = { case: member, value: { data } };
        const set = await client.call("ApiItem/setArrayByAttrID", {
          itemRef,
          attributeId: id(name),
          arrayValue,
        });
        assert.equal(set.success, true, String(set.errorMessage));
        const got = await client.call("ApiItem/getArrayByAttrID", { itemRef, attributeId: id(name) });
        assert.deepEqual(plain(got.arrayValue), arrayValue);
      }
      assert.equal(await client.ask("ApiNode/dynPinCount", { objectPtr: itemRef }), 2);
      assert.equal(await client.ask("ApiNode/pinNameIx", { objectPtr: itemRef, index: 1 }), "lid");
      const mesh = await client.call("LiveLink/GetMesh", { objecthandle: Number(itemRef.handle) });
      assert.deepEqual(mesh.polyVertIndices, [0, 1, 2, 0, 2, 3]);
      assert.deepEqual(plain((mesh.normals as Fields[])[0]), { x: 0, y: 0, z: 1 });
    });

    test("an attribute set without evaluation is dirty until the change manager updates", async () => {
      const itemRef = await create("NT_BOOL");
      const objectPtr = itemRef;
      await client.call(names[generation].set, {
        itemRef,
        attributeId: 185,
        evaluate: false,
        value: { case: "boolValue", value: true },
      });
      // Alpha 5 has no such field: it always evaluates.
      assert.equal(await client.ask("ApiItem/attrAreDirty", { objectPtr }), generation === "beta2");
      await client.call("ApiChangeManager/update");
      assert.equal(await client.ask("ApiItem/attrAreDirty", { objectPtr }), false);
    });
  });
}

describe("values behind pins", () => {
  test("Alpha 5's overload families read and write by id, name and index", async (t) => {
    const client = await startSimulator("alpha5");
    t.after(() => client.close());
    const objectPtr = await camera(client);
    const pin = (name: string): number => client.number("PinId", name);
    await client.call("ApiNode/setPinValue1", { objectPtr, id: pin("P_FOV"), value: 50, evaluate: true });
    assert.equal((await client.call("ApiNode/getPinValue13", { objectPtr, name: "fov" })).value, 50);
    assert.equal((await client.call("ApiNode/getPinValueIx1", { objectPtr, index: 3 })).value, 50);
    assert.equal(await client.ask("ApiNode/getPinFloat1", { objectPtr, name: "fov" }), 50);
    await client.call("ApiNode/setPinValue15", { objectPtr, name: "position", value: { x: 1, y: 2, z: 3 } });
    assert.deepEqual(
      plain((await client.call("ApiNode/getPinValue3", { objectPtr, id: pin("P_POSITION") })).value),
      { x: 1, y: 2, z: 3 },
    );
    await client.call("ApiNode/setPinValue", { objectPtr, id: pin("P_AUTOFOCUS"), value: false });
    assert.equal(
      (await client.call("ApiNode/getPinValue", { objectPtr, id: pin("P_AUTOFOCUS") })).value,
      false,
    );
    await client.call("ApiNode/setPinValueIx5", { objectPtr, index: 17, value: 9 });
    assert.equal(
      (await client.call("ApiNode/getPinValue5", { objectPtr, id: pin("P_BOKEH_SIDECOUNT") })).value,
      9,
    );
    await assert.rejects(client.call("ApiNode/setPinValue", { objectPtr, id: pin("P_FOV"), value: true }), {
      code: 3,
      details: /AT_FLOAT4, not AT_BOOL/,
    });
    assert.throws(() => client.method("ApiNode/getPinValueByPinID"), /alpha5 has no/);
  });

  test("Beta 2's calls read the expected type and write any member", async (t) => {
    const client = await startSimulator("beta2");
    t.after(() => client.close());
    const itemRef = await camera(client);
    const pinId = client.number("PinId", "P_FOV");
    const set = (value: unknown) => client.call("ApiNode/setPinValueByPinID", { itemRef, pinId, value });
    assert.equal((await set({ case: "floatValue", value: 30 })).success, true);
    const read = async (expectedType: number) =>
      plain((await client.call("ApiNode/getPinValueByName", { itemRef, name: "fov", expectedType })).value);
    assert.deepEqual(await read(9), { case: "floatValue", value: 30 });
    assert.deepEqual(await read(90), { case: "float2Value", value: { x: 30, y: 0 } });
    assert.deepEqual(await read(0), { case: "float4Value", value: { x: 30, y: 0, z: 0, w: 0 } });
    const refused = await set({ case: "stringValue", value: "wide" });
    assert.equal(refused.success, false);
    assert.match(String(refused.errorMessage), /AT_FLOAT4, not AT_STRING/);
    assert.deepEqual(await read(9), { case: "floatValue", value: 30 });
    assert.throws(() => client.method("ApiNode/getPinValue"), /beta2 has no/);
  });
});

async function camera(client: SimulatorClient): Promise<Ref> {
  const objectPtr = { handle: 1000025n, type: 17 };
  return (await client.ask("ApiNode/connectedNodeIx", { objectPtr, pinIx: 0 })) as Ref;
}

/** Without the type names that protobuf-es puts into messages. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, field) => (key === "$typeName" ? undefined : field)));
}
