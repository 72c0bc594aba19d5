import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createProxy, createSimulator, type Generation } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import type { Simulator } from "../src/simulator/simulator.ts";
import { flatten, type WebItem, walkAsOctaneWeb } from "./clients/octane-web.ts";
import { walkAsOctaneWebR } from "./clients/octane-web-r.ts";
import { readLines } from "./read-lines.ts";

interface Reference {
  readonly ref: string;
  readonly beyondDepth?: true;
}

interface TreeError {
  readonly code: string;
  readonly message: string;
}

interface Pin {
  readonly index: number;
  readonly id?: string;
  readonly type?: string;
  readonly label?: string;
  readonly group?: string;
  readonly info?: Record<string, unknown>;
  readonly connected: TreeNode | Reference | null;
  readonly error?: TreeError;
}

interface TreeNode {
  readonly handle: string;
  readonly name?: string;
  readonly kind: "node" | "graph";
  readonly type?: string;
  readonly outType?: string;
  readonly position?: { readonly x: number; readonly y: number };
  readonly attributes?: readonly {
    readonly id: string;
    readonly type: string;
    readonly value?: unknown;
    readonly error?: TreeError;
  }[];
  readonly pins: readonly Pin[];
  readonly items?: readonly (TreeNode | Reference)[];
  readonly error?: TreeError;
}

for (const generation of ["alpha5", "beta2"] as const) {
  suite(`POST /scene/tree of ${generation}`, () => {
    test("finds what octaneWeb finds step by step, in the same order and places", async () => {
      await withScene(generation, async (url) => {
        const { root } = await tree(url);
        const { roots } = await walkAsOctaneWeb(url);
        assert.deepEqual(
          childrenOf(root).map((node) => asWebItem(node)),
          roots.map(comparable),
        );
        assert.equal(nodesOf(root).length, flatten(roots).length + 1);
      });
    });
  });
}

suite("POST /scene/tree", () => {
  test("finds what octaneWebR finds step by step", async () => {
    await withScene("beta2", async (url) => {
      const { root } = await tree(url);
      const { items } = await walkAsOctaneWebR(url, "getValueByAttrID");
      const found = new Map(nodesOf(root).map((node) => [node.handle, node]));
      const pinOf = new Map(nodesOf(root).flatMap(({ pins }) => pins.map((pin) => [handleOf(pin), pin])));
      found.delete(root.handle);
      assert.deepEqual([...found.keys()].sort(), [...items.keys()].sort());
      for (const item of items.values()) {
        const node = found.get(item.handle);
        assert.ok(node);
        assert.deepEqual(
          [node.name, node.outType, node.kind],
          [item.name, item.outType, item.isGraph ? "graph" : "node"],
        );
        assert.equal(node.type, item.nodeInfo?.type);
        if (item.level === 1) assert.deepEqual(node.position, item.position);
        else assert.equal(node.position, undefined);
        const value = node.attributes?.find(({ id }) => id === "A_VALUE");
        if (item.attrType !== undefined) assert.equal(value?.type ?? "AT_UNKNOWN", item.attrType);
        if (item.value !== undefined) assert.deepEqual(value?.value, withoutDefaults(item.value));
        if (item.fileName !== undefined) {
          assert.equal(node.attributes?.find(({ id }) => id === "A_FILENAME")?.value, item.fileName);
        }
        if (item.pinInfo === null) continue;
        const { id, type, staticLabel, groupName } = item.pinInfo;
        const pin = pinOf.get(item.handle);
        assert.deepEqual([pin?.id, pin?.type, pin?.label, pin?.group], [id, type, staticLabel, groupName]);
      }
    });
  });

  test("shows a node in full once, its other places refer to it, and lines come in walking order", async () => {
    await withScene("beta2", async (url) => {
      const { root } = await tree(url);
      const nodes = nodesOf(root);
      assert.equal(new Set(nodes.map(({ handle }) => handle)).size, nodes.length);
      const mesh = nodes.find(({ type }) => type === "NT_GEO_MESH");
      const target = nodes.find(({ type }) => type === "NT_RENDERTARGET");
      assert.deepEqual(target?.pins.find(({ id }) => id === "P_MESH")?.connected, { ref: mesh?.handle });

      const response = await post(url, {}, { accept: "application/x-ndjson" });
      assert.equal(response.headers.get("content-type"), "application/x-ndjson");
      assert.deepEqual(readLines<TreeNode>(await response.text()), nodes.map(withReferences));
    });
  });

  test("shows the parts that are asked for, to the depth that is asked for, from any root", async () => {
    await withScene("beta2", async (url) => {
      const { root } = await tree(url, { depth: 1, fields: ["name"] });
      assert.deepEqual(Object.keys(root), ["handle", "name", "kind", "pins", "items"]);
      const target = childrenOf(root).find(({ name }) => name === "Render target");
      assert.ok(target);
      assert.deepEqual(Object.keys(target), ["handle", "name", "kind", "pins"]);
      const camera = target.pins[0]?.connected as Reference;
      assert.deepEqual(target.pins[0], { index: 0, connected: { ref: camera.ref, beyondDepth: true } });

      const below = await tree(url, { root: Number(camera.ref), fields: ["type", "info"] });
      assert.deepEqual([below.root.handle, below.root.type], [camera.ref, "NT_CAM_THINLENS"]);
      assert.deepEqual(Object.keys(below.root.pins[0] ?? {}), ["index", "info", "connected"]);
      assert.equal(nodesOf(below.root).length, 30);
    });
  });

  for (const [name, body, field] of [
    ["a depth", { depth: "deep" }, "depth"],
    ["a part", { fields: ["name", "colour"] }, "fields[1]"],
    ["a root", { root: "none" }, "root"],
    ["a member", { deep: 1 }, "deep"],
  ] as const) {
    test(`refuses ${name} that it does not know, and tells its field`, async () => {
      await withScene("beta2", async (url) => {
        const response = await post(url, body);
        assert.equal(response.status, 400);
        assert.equal(((await response.json()) as Record<string, unknown>).field, field);
      });
    });
  }

  test("answers 404 for a root that is not there", async () => {
    await withScene("beta2", async (url) => {
      const response = await post(url, { root: "77" });
      assert.equal(response.status, 404);
      assert.equal(((await response.json()) as Record<string, unknown>).code, "NOT_FOUND");
    });
  });

  test("shows the failure of a single read where it belongs, and all the rest", async () => {
    await withScene("beta2", async (url, simulator) => {
      const whole = await tree(url);
      const fault = { kind: "status", code: "INTERNAL", message: "out of order" } as const;
      for (const method of [
        "ApiItemService/outType",
        "ApiNodeService/pinInfoIx",
        "ApiItemService/getValueByAttrID",
      ]) {
        simulator.faults.add({ fault, method: `octaneapi.${method}`, times: 1 });
      }
      const { root } = await tree(url);
      const nodes = nodesOf(root);
      assert.deepEqual(
        nodes.map(({ handle }) => handle),
        nodesOf(whole.root).map(({ handle }) => handle),
      );
      const errors = [
        nodes.flatMap(({ error }) => error ?? []),
        nodes.flatMap(({ pins }) => pins.flatMap(({ error }) => error ?? [])),
        nodes.flatMap(({ attributes }) => (attributes ?? []).flatMap(({ error }) => error ?? [])),
      ];
      for (const [first, ...more] of errors) {
        assert.deepEqual([first?.code, first?.message, more], ["INTERNAL", "out of order", []]);
      }
    });
  });

  test("never ends as if whole when Octane is cut off in between", async () => {
    await withScene("beta2", async (url, simulator) => {
      const drop = {
        fault: { kind: "drop" },
        method: "octaneapi.ApiNodePinInfoExService/getApiNodePinInfo",
      } as const;
      simulator.faults.add(drop);
      const response = await post(url, {});
      assert.equal(response.status, 503);
      simulator.faults.clear();
      await reconnected(url);

      simulator.faults.add(drop);
      const lines = await (await post(url, {}, { accept: "application/x-ndjson" })).text();
      const last = lines.trimEnd().split("\n").at(-1) ?? "";
      assert.match(last, /^\{"error":\{"code":"UNAVAILABLE"/);
    });
  });

  test("keeps to the deadline", async () => {
    await withScene("beta2", async (url, simulator) => {
      simulator.faults.add({ fault: { kind: "hang" }, method: "octaneapi.ApiNodeService/pinCount" });
      const response = await post(url, {}, { "x-timeout-ms": "300" });
      assert.equal(response.status, 504);
    });
  });
});

async function withScene(
  generation: Generation,
  use: (url: string, simulator: Simulator) => Promise<void>,
): Promise<void> {
  const simulator = await createSimulator({ generation, pattern: true, fps: 1 });
  const proxy = await createProxy({ port: 0, octane: simulator.address, logger: silentLogger });
  try {
    await proxy.ready();
    await use(proxy.url, simulator);
  } finally {
    await proxy.close();
    await simulator.close();
  }
}

function post(url: string, body: unknown, headers: object = {}): Promise<Response> {
  return fetch(`${url}/scene/tree`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

async function tree(url: string, body: object = {}): Promise<{ readonly root: TreeNode }> {
  const response = await post(url, body);
  assert.equal(response.status, 200);
  return (await response.json()) as { root: TreeNode };
}

/** The proxy tries again by itself: asks until a call gets through. */
async function reconnected(url: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/readyz`);
    if (response.status === 200) return;
  }
}

function isNode(child: TreeNode | Reference | null): child is TreeNode {
  return child !== null && "handle" in child;
}

function handleOf({ connected }: Pin): string | undefined {
  return connected === null ? undefined : isNode(connected) ? connected.handle : connected.ref;
}

/** What stands in full below a node, in walking order. */
function childrenOf({ items, pins }: TreeNode): TreeNode[] {
  return [...(items ?? []), ...pins.map(({ connected }) => connected)].filter(isNode);
}

function nodesOf(node: TreeNode): TreeNode[] {
  return [node, ...childrenOf(node).flatMap(nodesOf)];
}

/** The node as its own line shows it. */
function withReferences(node: TreeNode): TreeNode {
  const reference = (child: TreeNode | Reference): Reference =>
    isNode(child) ? { ref: child.handle } : child;
  return {
    ...node,
    pins: node.pins.map((pin) => ({
      ...pin,
      connected: pin.connected === null ? null : reference(pin.connected),
    })),
    ...(node.items === undefined ? {} : { items: node.items.map(reference) }),
  };
}

/** A node in the form of the step-by-step walk's. */
function asWebItem(node: TreeNode, pin?: Pin): unknown {
  const children = [
    ...(node.items ?? []).filter(isNode).map((child) => asWebItem(child)),
    ...node.pins.flatMap((each) => (isNode(each.connected) ? [asWebItem(each.connected, each)] : [])),
  ];
  const value = node.attributes?.find(({ id }) => id === "A_VALUE");
  return {
    handle: node.handle,
    name: node.name,
    outType: node.outType,
    isGraph: node.kind === "graph",
    type: node.type,
    pinInfo: pin?.info,
    ...(children.length > 0 ? {} : { attrType: value?.type ?? "AT_UNKNOWN", value: value?.value }),
    children,
  };
}

function comparable(item: WebItem): unknown {
  const { handle, name, outType, isGraph, info, pinInfo, attrType, value } = item;
  const leaf = attrType === undefined ? {} : { attrType, value: Object.values(value ?? {})[0] };
  return {
    handle,
    name,
    outType,
    isGraph,
    type: info.type,
    pinInfo,
    ...leaf,
    children: item.children.map(comparable),
  };
}

/** Zeros of a vector are left out where defaults are. */
function withoutDefaults(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== 0));
}
