import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Fields, type Ref, type SimulatorClient, startSimulator } from "../../test/simulator-client.ts";
import type { Generation } from "../contract/contract.ts";

const root = { handle: 1000001n, type: 20 };
const mesh = { handle: 1000002n, type: 17 };
const target = { handle: 1000025n, type: 17 };
const nothing = { handle: 0n, type: 0 };
const meshPin = 2;

for (const generation of ["alpha5", "beta2"] satisfies Generation[]) {
  describe(`editing the graph of ${generation}`, () => {
    const start = async (t: { after(close: () => Promise<void>): void }): Promise<SimulatorClient> => {
      const client = await startSimulator(generation);
      t.after(() => client.close());
      return client;
    };
    const create = async (client: SimulatorClient, type: string, configurePins = true): Promise<Ref> =>
      (await client.ask("ApiNode/create", {
        type: client.number("NodeType", type),
        ownerGraph: { handle: root.handle, type: 0 },
        configurePins,
      })) as Ref;
    const handleAt = async (client: SimulatorClient, objectPtr: Ref, pinIx: number): Promise<bigint> =>
      ((await client.ask("ApiNode/connectedNodeIx", { objectPtr, pinIx })) as Ref).handle;

    test("create puts default nodes behind the pins that have one, and none unless asked", async (t) => {
      const client = await start(t);
      const glossy = await create(client, "NT_MAT_GLOSSY");
      assert.equal(glossy.type, client.number("ObjectRef.ObjectType", "ApiNode"));
      const index = async (name: string): Promise<number> =>
        (await client.call("ApiNode/findPin1", { objectPtr: glossy, name })).foundIndex as number;
      assert.notEqual(await handleAt(client, glossy, await index("diffuse")), 0n);
      assert.equal(await handleAt(client, glossy, await index("bump")), 0n);
      const bare = await create(client, "NT_MAT_GLOSSY", false);
      assert.equal(await handleAt(client, bare, 0), 0n);
      await client.call("ApiNode/configureEmptyPins", { objectPtr: bare });
      assert.notEqual(await handleAt(client, bare, 0), 0n);
    });

    test("every node type of the contract that is no marker can be created, an unknown one is refused", async (t) => {
      const client = await start(t);
      const { scene } = client.simulator;
      const types = scene.ids.node.numbers.filter((type) => scene.catalogue.findNode(type) !== undefined);
      assert.ok(types.length > 600, String(types.length));
      for (const type of types) {
        const node = scene.createNode(type, scene.root, true);
        assert.equal(node.type.number, type);
        scene.destroy(node);
      }
      assert.equal(scene.root.items.length, 2);
      const unknown = { type: 999_999, ownerGraph: root };
      await assert.rejects(client.call("ApiNode/create", unknown), {
        code: 3,
        details: /999999 is no node type/,
      });
      await assert.rejects(client.call("ApiNode/create", { type: 0, ownerGraph: root }), { code: 3 });
      await assert.rejects(client.call("ApiNode/create", { type: 17, ownerGraph: target }), { code: 3 });
    });

    test("a wire is made, refused where types differ, and taken away with handle 0", async (t) => {
      const client = await start(t);
      const other = await create(client, "NT_GEO_MESH");
      const connect = (sourceNode: Ref): Promise<Fields> =>
        client.call("ApiNode/connectToIx", {
          objectPtr: target,
          pinIdx: meshPin,
          sourceNode,
          evaluate: true,
        });
      await connect(other);
      assert.equal(await handleAt(client, target, meshPin), other.handle);
      assert.deepEqual((await client.call("ApiNode/destinationNodes", { objectPtr: mesh })).pinNames, {
        $typeName: "octaneapi.StringArrayT",
        data: [],
      });
      const colour = await create(client, "NT_TEX_RGB");
      await assert.rejects(connect(colour), { code: 3, details: /pin "mesh" takes PT_GEOMETRY/ });
      assert.equal(await handleAt(client, target, meshPin), other.handle, "a refused call changes nothing");
      await connect(nothing);
      assert.equal(await handleAt(client, target, meshPin), 0n);
      assert.notEqual(
        client.simulator.scene.findItem(other.handle),
        undefined,
        "the wire goes, the node stays",
      );
    });

    test("a default node is destroyed when another node takes its pin", async (t) => {
      const client = await start(t);
      const size = client.simulator.scene.size;
      const camera = await handleAt(client, target, 0);
      const other = await create(client, "NT_CAM_THINLENS", false);
      await client.call("ApiNode/connectTo", {
        objectPtr: target,
        pinId: client.number("PinId", "P_CAMERA"),
        sourceNode: other,
      });
      assert.equal(client.simulator.scene.findItem(camera), undefined);
      assert.equal(client.simulator.scene.size, size - 30 + 1);
      await assert.rejects(client.call("ApiItem/name", { objectPtr: { handle: camera, type: 16 } }), {
        code: 5,
        details: new RegExp(`no item has the handle ${camera}`),
      });
    });

    test("a wire that would close a cycle is refused", async (t) => {
      const client = await start(t);
      const group = async (): Promise<Ref> => {
        const made = await create(client, "NT_GEO_GROUP");
        const set = generation === "alpha5" ? "ApiItem/setByAttrID" : "ApiItem/setValueByAttrID";
        await client.call(set, {
          itemRef: made,
          attributeId: client.number("AttributeId", "A_PIN_COUNT"),
          value: { case: "intValue", value: 2 },
        });
        return made;
      };
      const [outer, inner] = [await group(), await group()];
      const connect = (objectPtr: Ref, sourceNode: Ref): Promise<Fields> =>
        client.call("ApiNode/connectTo1", { objectPtr, pinName: "input2", sourceNode, doCycleCheck: true });
      await connect(outer, inner);
      await assert.rejects(connect(inner, outer), { code: 9, details: /would close a cycle/ });
      await assert.rejects(connect(inner, inner), { code: 9 });
      assert.equal(
        await client.ask("ApiNode/canConnectTo1", { objectPtr: inner, pinName: "input1", sourceNode: outer }),
        false,
      );
      assert.equal(await handleAt(client, inner, 1), 0n);
    });

    test("a copy whose wire would close a cycle is refused, one that owns what it uses is not", async (t) => {
      const client = await start(t);
      const { scene } = client.simulator;
      const multiply = (): Promise<Ref> => create(client, "NT_TEX_MULTIPLY");
      const [user, used] = [await multiply(), await multiply()];
      const copy = (objectPtr: Ref, pinIx: number, sourceItem: Ref): Promise<unknown> =>
        client.ask("ApiNode/copyFromIx", { objectPtr, pinIx, sourceItem });
      await client.call("ApiNode/connectToIx", { objectPtr: user, pinIdx: 0, sourceNode: used });
      const before = [scene.size, await handleAt(client, used, 0)];
      const indirect = await multiply();
      await client.call("ApiNode/connectToIx", { objectPtr: indirect, pinIdx: 1, sourceNode: user });
      for (const source of [user, indirect]) {
        await assert.rejects(copy(used, 0, source), { code: 9, details: /copying .* would close a cycle/ });
      }
      await client.call("ApiItem/destroy", { objectPtr: indirect });
      assert.deepEqual([scene.size, await handleAt(client, used, 0)], before);

      const inner = (await copy(user, 0, used)) as Ref;
      const outerCopy = (await copy(inner, 0, user)) as Ref;
      assert.equal(await handleAt(client, inner, 0), outerCopy.handle);
      assert.notEqual(await handleAt(client, outerCopy, 0), inner.handle, "the wire leads to a copy");
    });

    test("destroy takes what an item owns, empties the pins it was wired to, and spares the root", async (t) => {
      const client = await start(t);
      const { scene } = client.simulator;
      const size = scene.size;
      await client.call("ApiItem/destroy", { objectPtr: mesh });
      assert.equal(scene.size, size - 20);
      assert.equal(await handleAt(client, target, meshPin), 0n);
      await assert.rejects(client.call("ApiItem/destroy", { objectPtr: root }), { code: 9 });
      await assert.rejects(client.call("ApiItem/destroy", { objectPtr: mesh }), { code: 5 });
      await assert.rejects(client.call("ApiItem/destroy", { objectPtr: nothing }), { code: 3 });
      await assert.rejects(client.call("ApiItem/destroy"), { code: 3 });
      await assert.rejects(client.call("ApiNode/pinCount", { objectPtr: root }), {
        code: 3,
        details: /is the graph/,
      });
    });

    test("a node behind a pin is created in place of another", async (t) => {
      const client = await start(t);
      const made = (await client.ask("ApiNode/createInternal", {
        objectPtr: target,
        pinId: client.number("PinId", "P_KERNEL"),
        type: client.number("NodeType", "NT_KERN_PATHTRACING"),
        configurePins: true,
      })) as Ref;
      const owner = await client.call("ApiItem/pinOwner", { objectPtr: made });
      assert.deepEqual([(owner.result as Ref).handle, owner.pinIx], [target.handle, 5]);
      assert.equal(await client.ask("ApiItem/pinOwned", { objectPtr: made }), true);
      const refused = { objectPtr: target, pinIx: 5, type: client.number("NodeType", "NT_MAT_DIFFUSE") };
      await assert.rejects(client.call("ApiNode/createInternalIx", refused), { code: 3 });
      assert.equal(await handleAt(client, target, 5), made.handle);
    });

    test("items are grouped, ungrouped, found and copied with their wires", async (t) => {
      const client = await start(t);
      const data = [mesh, target];
      const group = (await client.ask("ApiNodeGraph/groupItems", {
        objectPtr: root,
        items: { data },
        itemsCount: 2,
      })) as Ref;
      assert.equal(await client.ask("ApiItem/isGraph", { objectPtr: group }), true);
      const found = await client.call("ApiNodeGraph/findItemsByName", {
        objectPtr: root,
        name: "teapot.obj",
        recurse: true,
      });
      assert.equal(await client.ask("ApiItemArray/size", { objectPtr: found.list }), 1);
      const copy = (await client.ask("ApiNodeGraph/copyFrom11", {
        objectPtr: root,
        sourceItem: group,
      })) as Ref;
      const list = (await client.call("ApiNodeGraph/getOwnedItems", { objectPtr: copy })).list;
      const [meshCopy, targetCopy] = (
        (await client.ask("ApiItemArray/items", { objectPtr: list })) as { data: Ref[] }
      ).data as [Ref, Ref];
      assert.notEqual(meshCopy.handle, mesh.handle);
      assert.equal(await handleAt(client, targetCopy, meshPin), meshCopy.handle);
      const { ungroupedItems } = await client.call("ApiNodeGraph/ungroup", { objectPtr: group });
      assert.equal(await client.ask("ApiItemArray/size", { objectPtr: ungroupedItems }), 2);
      assert.equal(client.simulator.scene.findItem(group.handle), undefined);
      const tree = (await client.ask("ApiNodeGraph/copyItemTree", {
        objectPtr: root,
        rootItem: target,
      })) as Ref;
      assert.notEqual(await handleAt(client, tree, meshPin), mesh.handle, "the mesh was copied along");
    });
  });
}

describe("handles", () => {
  test("a handle of one kind is not taken for another", async (t) => {
    const client = await startSimulator("beta2");
    t.after(() => client.close());
    const { list } = (await client.call("ApiNodeGraph/getOwnedItems", { objectPtr: root })) as { list: Ref };
    await assert.rejects(client.call("ApiNodeArray/size1", { objectPtr: list }), {
      code: 3,
      details: /is an ApiItemArray, expected an ApiNodeArray/,
    });
    await assert.rejects(client.call("ApiItemArray/size", { objectPtr: root }), {
      code: 3,
      details: /scene item/,
    });
    await assert.rejects(client.call("ApiItemArray/get", { objectPtr: list, index: 2 }), { code: 11 });
  });
});
