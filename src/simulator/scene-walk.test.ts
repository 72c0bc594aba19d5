import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Fields, type Ref, type SimulatorClient, startSimulator } from "../../test/simulator-client.ts";
import type { Generation } from "../contract/contract.ts";

interface Item {
  readonly ref: Ref;
  readonly name: string;
  readonly outType: number;
  readonly type: number;
  readonly pinInfo: Fields | undefined;
  readonly children: Item[];
  attributeType?: number;
}
interface Walk {
  readonly roots: readonly Item[];
  readonly items: ReadonlyMap<bigint, Item>;
  readonly pins: number;
}

/** The calls of octaneWeb from page load to the whole tree, in its order. */
async function walk(client: SimulatorClient): Promise<Walk> {
  const { ask, call } = client;
  const items = new Map<bigint, Item>();
  let pins = 0;

  const add = async (ref: Ref, pinInfo?: Fields): Promise<Item> => {
    const objectPtr = { handle: ref.handle, type: 16 };
    const name = (await ask("ApiItem/name", { objectPtr })) as string;
    const outType = (await ask("ApiItem/outType", { objectPtr })) as number;
    assert.equal(await ask("ApiItem/isGraph", { objectPtr }), false);
    const info = (await ask("ApiNode/info", { objectPtr })) as { type: number };
    const item: Item = { ref, name, outType, type: info.type, pinInfo, children: [] };
    items.set(ref.handle, item);
    return item;
  };
  const addChildren = async (item: Item): Promise<void> => {
    const objectPtr = { handle: item.ref.handle, type: 17 };
    const count = (await ask("ApiNode/pinCount", { objectPtr })) as number;
    for (let pinIx = 0; pinIx < count; pinIx++) {
      pins += 1;
      const source = (await ask("ApiNode/connectedNodeIx", {
        objectPtr,
        pinIx,
        enterWrapperNode: true,
      })) as Ref;
      assert.notEqual(source, undefined, "an unconnected pin is a present, empty reference");
      const infoRef = (await ask("ApiNode/pinInfoIx", { objectPtr, index: pinIx })) as Ref;
      const reply = await call("ApiNodePinInfoEx/getApiNodePinInfo", {
        nodePinInfoRef: { ...infoRef, type: 44 },
      });
      assert.equal(reply.success, true);
      const known = items.get(source.handle);
      if (known !== undefined) {
        const destinations = await call("ApiNode/destinationNodes", { objectPtr: source });
        assert.ok(((await ask("ApiNodeArray/size1", { objectPtr: destinations.nodes })) as number) > 0);
        const first = (await ask("ApiNodeArray/get1", { objectPtr: destinations.nodes, index: 0 })) as Ref;
        assert.ok(items.has(first.handle), "one destination is in the tree already");
      } else if (source.handle !== 0n) {
        const child = await add(source, reply.nodePinInfo as Fields);
        item.children.push(child);
        await addChildren(child);
      }
    }
    if (item.children.length === 0) {
      const info = (await ask("ApiItem/attrInfo", { objectPtr, id: 185 })) as { type: number };
      item.attributeType = info.type;
    }
  };

  const root = (await ask("ApiProjectManager/rootNodeGraph")) as Ref;
  assert.equal(await ask("ApiItem/isGraph", { objectPtr: { ...root, type: 16 } }), true);
  const { list } = await call("ApiNodeGraph/getOwnedItems", { objectPtr: { ...root, type: 20 } });
  const size = (await ask("ApiItemArray/size", { objectPtr: list })) as number;
  const roots: Item[] = [];
  for (let index = 0; index < size; index++) {
    roots.push(await add((await ask("ApiItemArray/get", { objectPtr: list, index })) as Ref));
  }
  for (const item of roots) await addChildren(item);
  return { roots, items, pins };
}

for (const generation of ["alpha5", "beta2"] satisfies Generation[]) {
  describe(`the sample scene of ${generation}`, () => {
    let client: SimulatorClient;
    let seen: Walk;
    let calls: number;
    before(async () => {
      client = await startSimulator(generation);
      seen = await walk(client);
      calls = client.calls;
    });
    after(() => client.close());

    test("has the size and the shape of the project that both web clients open first", async () => {
      const { roots, items, pins } = seen;
      assert.equal(items.size + 1, 311);
      assert.equal(pins, 309);
      assert.equal(calls, 2780);
      assert.deepEqual(
        roots.map(({ name }) => name),
        ["teapot.obj", "Render target"],
      );
      assert.deepEqual(
        roots.map(({ ref }) => ref.handle),
        [1000002n, 1000025n],
      );
      const count = (type: string) =>
        [...items.values()].filter((item) => item.type === client.number("NodeType", type)).length;
      const leaves = [
        "NT_BOOL",
        "NT_FLOAT",
        "NT_INT",
        "NT_ENUM",
        "NT_TEX_RGB",
        "NT_BIT_MASK",
        "NT_TEX_FLOAT",
      ];
      assert.deepEqual(leaves.map(count), [148, 81, 29, 20, 7, 3, 2]);
      const [mesh, target] = roots as [Item, Item];
      assert.equal(mesh.outType, client.number("NodePinType", "PT_GEOMETRY"));
      assert.equal(target.outType, client.number("NodePinType", "PT_RENDERTARGET"));
      const pinsOf = await Promise.all(
        target.children.map(async (child) => [
          child.pinInfo?.staticName,
          await client.ask("ApiNode/pinCount", { objectPtr: child.ref }),
        ]),
      );
      assert.deepEqual(pinsOf, [
        ["camera", 29],
        ["environment", 20],
        ["filmSettings", 6],
        ["animation", 4],
        ["kernel", 40],
        ["renderLayer", 4],
        ["renderPasses", 112],
        ["compositeAovs", 1],
        ["imager", 32],
        ["postproc", 16],
      ]);
    });

    test("gives every leaf the attribute type and the pin info that decide its control", async () => {
      const { items } = seen;
      const attributeTypes: readonly (readonly [string, string])[] = [
        ["NT_FLOAT", "AT_FLOAT4"],
        ["NT_INT", "AT_INT4"],
        ["NT_BOOL", "AT_BOOL"],
        ["NT_ENUM", "AT_INT"],
        ["NT_TEX_RGB", "AT_FLOAT3"],
        ["NT_TEX_FLOAT", "AT_FLOAT"],
        ["NT_BIT_MASK", "AT_INT"],
        ["NT_SUN_DIRECTION", "AT_FLOAT3"],
        ["NT_IMAGE_RESOLUTION", "AT_INT3"],
        ["NT_OCIO_VIEW", "AT_UNKNOWN"],
        ["NT_OCIO_LOOK", "AT_UNKNOWN"],
      ];
      for (const [nodeType, attributeType] of attributeTypes) {
        const leaves = [...items.values()].filter(
          (item) => item.type === client.number("NodeType", nodeType),
        );
        assert.ok(leaves.length > 0, nodeType);
        for (const leaf of leaves) {
          assert.equal(leaf.attributeType, client.number("AttributeType", attributeType), leaf.name);
          if (nodeType === "NT_FLOAT") {
            const info = leaf.pinInfo?.floatInfo as { dimCount: number; dimInfos: unknown[] } | undefined;
            assert.ok(info !== undefined && info.dimCount >= 1 && info.dimCount <= 4, leaf.name);
            assert.equal(info.dimInfos.length, info.dimCount);
          }
          if (nodeType === "NT_ENUM") {
            const info = leaf.pinInfo?.enumInfo as { values: unknown[]; valueCount: number } | undefined;
            assert.ok(info !== undefined && info.values.length > 1, leaf.name);
            assert.equal(info.valueCount, info.values.length);
          }
        }
      }
    });

    test("keeps the pins of a group adjacent, with names and ids that are unique in their node", async () => {
      for (const item of client.simulator.scene.items()) {
        if (item.kind !== "node") continue;
        const specs = item.pins.map((pin) => pin.type.spec);
        const groups = specs.map(({ group }) => group).filter((group, i, all) => group !== all[i - 1]);
        assert.equal(new Set(groups).size, groups.length, item.name);
        assert.equal(new Set(specs.map(({ name }) => name)).size, specs.length, item.name);
        assert.equal(
          new Set(item.pins.filter((pin) => !pin.dynamic).map((pin) => pin.type.id)).size,
          specs.filter((_, i) => !item.pins[i]?.dynamic).length,
          item.name,
        );
        for (const spec of specs) assert.ok(spec.label !== "" && spec.description !== "", spec.name);
      }
    });
  });
}
