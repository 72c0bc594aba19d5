import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ProxyError } from "../errors.ts";
import type { JsonMessage, SceneCalls } from "./scene-calls.ts";
import { parseSceneRequest } from "./scene-request.ts";
import { type VisitedNode, walkScene } from "./scene-walk.ts";

/** Handles of a graph's items, or of what a node's pins are connected to ("0" for nothing). */
type Item = { readonly items: readonly string[] } | { readonly pins: readonly string[] };
type Scene = ReadonlyMap<string, Item>;

interface FakeOptions {
  /** How many turns of the event loop the n-th call takes. */
  delay?(call: number): number;
  /** What a call throws. */
  fail?(method: string, handle: string, params: JsonMessage): ProxyError | undefined;
}

/** Answers the walk's reads from a table. */
function fakeCalls(
  scene: Scene,
  { delay, fail }: FakeOptions = {},
): SceneCalls & { readonly asked: string[] } {
  const asked: string[] = [];
  const answer = (method: string, handle: string, params: JsonMessage): unknown => {
    const item = scene.get(handle.replace("list", ""));
    if (item === undefined)
      throw new ProxyError("upstream_status", `no item ${handle}`, { code: "NOT_FOUND" });
    const items = "items" in item ? item.items : [];
    const pins = "pins" in item ? item.pins : [];
    switch (method) {
      case "isGraph":
        return "items" in item;
      case "name":
        return `name of ${handle}`;
      case "position":
        return { x: Number(handle), y: 0 };
      case "getOwnedItems":
        return { handle: `list${handle}` };
      case "size":
        return items.length;
      case "get":
        return { handle: items[params.index as number] };
      case "pinCount":
        return pins.length;
      case "connectedNodeIx":
        return { handle: pins[params.pinIx as number] };
      default:
        throw new Error(`unexpected ${method}`);
    }
  };
  return {
    asked,
    count: 0,
    async ask(_service, method, params) {
      const { handle } = params.objectPtr as { handle: string };
      asked.push(`${method} ${handle}`);
      for (let turns = delay?.(asked.length) ?? 0; turns > 0; turns--) await new Promise(setImmediate);
      const failure = fail?.(method, handle, params);
      if (failure !== undefined) throw failure;
      const result = answer(method, handle, params);
      return { message: { result, list: result }, brief: () => ({}) };
    },
  };
}

const scene = (items: Record<string, Item>): Scene => new Map(Object.entries(items));
const request = (body: object = {}) =>
  parseSceneRequest(Buffer.from(JSON.stringify({ fields: ["name", "position"], ...body })));

async function walk(calls: SceneCalls, body: object = {}, root = "1") {
  const nodes: VisitedNode[] = [];
  const { placeOf } = await walkScene(calls, request(body), root, (node) => {
    nodes.push(node);
  });
  return { nodes, order: nodes.map(({ handle }) => handle), places: Object.fromEntries(placeOf) };
}

/** Shared nodes, a node that is top-level and connected, a graph in a graph, and cycles. */
const tangled = scene({
  1: { items: ["2", "3", "8"] },
  2: { pins: ["4", "8", "0", "5"] },
  3: { pins: ["5", "4", "2"] },
  4: { pins: ["6", "6"] },
  5: { pins: ["4", "5"] },
  6: { pins: ["2"] },
  8: { items: ["9", "4"] },
  9: { pins: [] },
});

suite("the walk of a scene", () => {
  test("visits each node once: items first, then depth first in the order of pins", async () => {
    const { order, places } = await walk(fakeCalls(tangled));
    assert.deepEqual(order, ["1", "2", "4", "6", "5", "3", "8", "9"]);
    assert.deepEqual(places, {
      2: "item 0 of 1",
      3: "item 1 of 1",
      8: "item 2 of 1",
      4: "pin 0 of 2",
      6: "pin 0 of 4",
      5: "pin 3 of 2",
      9: "item 0 of 8",
    });
  });

  test("is the same whatever answers first", async () => {
    for (const body of [{}, { depth: 2 }, { depth: 1 }]) {
      const expected = await walk(fakeCalls(tangled), body);
      for (let seed = 1; seed <= 50; seed++) {
        const delay = (call: number) => (call * 7919 * seed) % 13;
        assert.deepEqual(await walk(fakeCalls(tangled, { delay }), body), expected, `seed ${seed}`);
      }
    }
  });

  test("asks for the position of items alone", async () => {
    const { nodes } = await walk(fakeCalls(tangled));
    const placed = nodes.filter(({ position }) => position !== undefined).map(({ handle }) => handle);
    assert.deepEqual(placed, ["2", "3", "8", "9"]);
  });

  test("stops at the depth and tells what it leaves out", async () => {
    const calls = fakeCalls(tangled);
    const { nodes, order } = await walk(calls, { depth: 1 });
    assert.deepEqual(order, ["1", "2", "3", "8"]);
    assert.deepEqual(
      nodes.map(({ beyondDepth }) => [...beyondDepth]),
      [[], ["4", "5"], ["5", "4"], ["9", "4"]],
    );
    assert.ok(!calls.asked.includes("name 4"));
  });

  test("starts where it is told", async () => {
    assert.deepEqual((await walk(fakeCalls(tangled), {}, "5")).order, ["5", "4", "6", "2", "8", "9"]);
  });

  test("keeps the failure of one node on that node", async () => {
    const failure = new ProxyError("upstream_status", "broken", { code: "INTERNAL" });
    const fail = (method: string, handle: string, { pinIx }: JsonMessage) =>
      (method === "name" && handle === "4") || (method === "connectedNodeIx" && handle === "2" && pinIx === 3)
        ? failure
        : undefined;
    const { nodes, order } = await walk(fakeCalls(tangled, { fail }));
    assert.deepEqual(order, ["1", "2", "4", "6", "3", "5", "8", "9"]);
    const broken = nodes.find(({ handle }) => handle === "4");
    assert.deepEqual([broken?.error, broken?.parts.name, broken?.pins.length], [failure, undefined, 2]);
    assert.equal(nodes.find(({ handle }) => handle === "2")?.pins[3]?.error, failure);
    assert.deepEqual(
      nodes.filter(({ error }) => error !== undefined),
      [broken],
    );
  });

  test("shows a node that is gone as its handle and an error", async () => {
    const { nodes } = await walk(fakeCalls(scene({ 1: { items: ["2"] }, 2: { pins: ["3"] } })));
    const gone = nodes[2];
    assert.deepEqual([gone?.handle, gone?.kind, gone?.error?.code], ["3", undefined, "NOT_FOUND"]);
  });

  for (const reason of ["upstream_unavailable", "deadline_exceeded", "client_gone", "internal"] as const) {
    test(`ends on ${reason}`, async () => {
      const failure = new ProxyError(reason, "no");
      const fail = (method: string, handle: string) =>
        method === "pinCount" && handle === "6" ? failure : undefined;
      await assert.rejects(walk(fakeCalls(tangled, { fail })), failure);
    });
  }

  test("fails as a whole for a root that is not there", async () => {
    await assert.rejects(walk(fakeCalls(tangled), {}, "77"), { code: "NOT_FOUND" });
  });

  test("follows a chain of nodes to the greatest depth and no further", async () => {
    const chain: Scene = new Map(
      Array.from({ length: 600 }, (_, index) => [`${index + 1}`, { pins: [`${index + 2}`] }]),
    );
    const { nodes } = await walk(fakeCalls(chain));
    assert.equal(nodes.length, 501);
    assert.deepEqual([...(nodes[500]?.beyondDepth ?? [])], ["502"]);
  });

  for (const [name, bounds] of [
    ["nodes", { nodes: 7, parts: 100 }],
    ["pins", { nodes: 100, parts: 15 }],
  ] as const) {
    test(`refuses a scene of too many ${name}`, async () => {
      const walking = walkScene(fakeCalls(tangled), request(), "1", () => undefined, bounds);
      await assert.rejects(walking, { reason: "limit_reached" });
    });
  }

  test("takes a scene that just fits", async () => {
    let count = 0;
    const onNode = () => {
      count++;
    };
    await walkScene(fakeCalls(tangled), request(), "1", onNode, { nodes: 8, parts: 17 });
    assert.equal(count, 8);
  });

  test("does not believe a count that cannot be", async () => {
    const calls = fakeCalls(tangled);
    const lying: SceneCalls = {
      count: 0,
      ask: async (service, method, params) =>
        method === "pinCount"
          ? { message: { result: 4e9 }, brief: () => ({}) }
          : calls.ask(service, method, params),
    };
    await assert.rejects(walk(lying), { reason: "limit_reached" });
  });
});
