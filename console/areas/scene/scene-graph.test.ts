import assert from "node:assert/strict";
import { test } from "node:test";
import type { SceneNode } from "../../../src/client/scene.ts";
import { outlineRows } from "./outline-rows.ts";
import { SceneGraph } from "./scene-graph.ts";

/** A scene of a mesh with a material, which the target's first pin leads to as well. */
function smallScene(): SceneGraph {
  const graph = new SceneGraph();
  for (const each of [
    node("1", { name: "Scene", kind: "graph", items: [{ ref: "2" }, { ref: "4" }] }),
    node("2", { name: "teapot.obj", type: "NT_GEO_MESH" }, { Body: "3" }),
    node("3", { name: "clay", type: "NT_MAT_DIFFUSE" }),
    node("4", { name: "Target", type: "NT_RENDERTARGET" }, { Mesh: "2", Camera: "5", Film: undefined }),
    node("5", { name: "cam", type: "NT_CAM_THINLENS" }),
  ]) {
    graph.add(each);
  }
  return graph;
}

function node(
  handle: string,
  about: Partial<SceneNode>,
  pins: Readonly<Record<string, string | undefined>> = {},
): SceneNode {
  return {
    handle,
    kind: "node",
    ...about,
    pins: Object.entries(pins).map(([label, ref], index) => ({
      index,
      label,
      connected: ref === undefined ? null : { ref },
    })),
  };
}

function outline(graph: SceneGraph, search = "", isOpen: (handle: string) => boolean = () => true): string[] {
  return outlineRows(graph, isOpen, search).map(
    ({ level, label, isWire, isOpen: open }) =>
      `${"  ".repeat(level - 1)}${open === undefined ? "" : open ? "- " : "+ "}${label}${isWire ? " (wire)" : ""}`,
  );
}

test("each node stands once, where its graph owns it; another pin to it is a wire", () => {
  assert.deepEqual(outline(smallScene()), [
    "- Scene",
    "  - teapot.obj",
    "    Body",
    "  - Target",
    "    Mesh (wire)",
    "    Camera",
  ]);
});

test("a closed node hides what is below it", () => {
  assert.deepEqual(
    outline(smallScene(), "", (handle) => handle === "1"),
    ["- Scene", "  + teapot.obj", "  + Target"],
  );
});

for (const [search, expected] of [
  ["CAM", ["- Scene", "  - Target", "    Camera"]],
  ["mat diffuse", ["- Scene", "  - teapot.obj", "    Body"]],
  ["clay", ["- Scene", "  - teapot.obj", "    Body"]],
  ["diffuse camera", []],
] as const) {
  test(`a search for "${search}" shows what has all its words, and the way there`, () => {
    assert.deepEqual(
      outline(smallScene(), search, () => false),
      expected,
    );
  });
}

test("every row has an id of its own and its place among its siblings", () => {
  const rows = outlineRows(smallScene(), () => true, "");
  assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  const camera = rows.find(({ label }) => label === "Camera");
  assert.deepEqual([camera?.position, camera?.siblings, camera?.level], [2, 2, 3]);
});

test("a scene that is still coming in can be shown", () => {
  const graph = new SceneGraph();
  assert.deepEqual(outline(graph), []);
  graph.add(node("1", { name: "Scene", items: [{ ref: "2" }] }));
  assert.deepEqual(outline(graph), ["- Scene", "  handle 2"]);
});

test("what no longer hangs on the root is forgotten, and what has come is missing until it is read", () => {
  const graph = smallScene();
  const target = node("4", { name: "Target", type: "NT_RENDERTARGET" }, { Mesh: "2", Camera: "9" });
  assert.deepEqual(graph.missing([target]), ["9"]);
  graph.replace([target, node("9", { name: "panorama" })]);
  assert.equal(graph.node("5"), undefined);
  assert.deepEqual(graph.ancestors("9"), ["1", "4"]);
  assert.equal(graph.size, 5);
});

test("a node that loses its owner stands at the next pin that leads to it", () => {
  const graph = smallScene();
  graph.replace([node("1", { name: "Scene", kind: "graph", items: [{ ref: "4" }] })]);
  assert.deepEqual(outline(graph), ["- Scene", "  - Target", "    - Mesh", "      Body", "    Camera"]);
});

test("nodes that lead to one another end in a wire", () => {
  const graph = new SceneGraph();
  graph.add(node("1", { name: "Scene", items: [{ ref: "2" }] }));
  graph.add(node("2", { name: "a" }, { next: "3" }));
  graph.add(node("3", { name: "b" }, { back: "2", top: "1" }));
  graph.replace([]);
  assert.deepEqual(outline(graph), [
    "- Scene",
    "  - a",
    "    - next",
    "      back (wire)",
    "      top (wire)",
  ]);
});
