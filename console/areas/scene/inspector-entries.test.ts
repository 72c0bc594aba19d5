import assert from "node:assert/strict";
import { test } from "node:test";
import type { SceneNode } from "../../../src/client/scene.ts";
import { type EntryGroup, inspectorGroups, shownValues } from "./inspector-entries.ts";
import { SceneGraph } from "./scene-graph.ts";

function scene(): SceneGraph {
  const graph = new SceneGraph();
  const value = (handle: string): SceneNode => ({
    handle,
    name: `value ${handle}`,
    attributes: [{ id: "A_VALUE", type: "AT_BOOL", value: true }],
    pins: [],
  });
  const nodes: readonly SceneNode[] = [
    { handle: "1", name: "Scene", kind: "graph", items: [{ ref: "2" }], pins: [] },
    {
      handle: "2",
      name: "Camera",
      attributes: [
        { id: "A_MATERIAL_NAMES", type: "AT_STRING", isArray: true },
        { id: "A_FILENAME", type: "AT_FILENAME", value: "a.obj" },
      ],
      pins: [
        { index: 0, label: "Auto", group: "Focus", connected: { ref: "3" } },
        { index: 1, label: "Lens", group: "Focus", connected: { ref: "4" } },
        { index: 2, label: "Shutter", connected: null },
      ],
    },
    value("3"),
    {
      handle: "4",
      name: "Lens",
      pins: [
        { index: 0, label: "Coated", connected: { ref: "5" } },
        { index: 1, label: "Body", connected: { ref: "2" } },
      ],
    },
    value("5"),
  ];
  for (const node of nodes) graph.add(node);
  return graph;
}

function text(groups: readonly EntryGroup[], indent = ""): string[] {
  return groups.flatMap(({ label, entries }) => [
    `${indent}[${label}]`,
    ...entries.flatMap((entry) => [
      `${indent}${entry.kind} ${entry.label}${entry.kind === "node" ? ` ${entry.handle ?? "none"} ${entry.isOpen ?? ""}` : ""}`.trimEnd(),
      ...(entry.kind === "node" ? text(entry.groups, `${indent}  `) : []),
    ]),
  ]);
}

test("own values come first, then the pins in their groups; a node that is only a value stands for itself", () => {
  assert.deepEqual(text(inspectorGroups(scene(), "2", () => false)), [
    "[]",
    "value Material names",
    "value Filename",
    "[Focus]",
    "value Auto",
    "node Lens 4 false",
    "[]",
    "node Shutter none",
  ]);
});

test("an open node shows its own pins in place; a wire back up cannot be opened", () => {
  const groups = inspectorGroups(scene(), "2", () => true);
  assert.deepEqual(text(groups).slice(4, 9), [
    "value Auto",
    "node Lens 4 true",
    "  []",
    "  value Coated",
    "  node Body 2",
  ]);
  assert.deepEqual(
    shownValues(groups).map(({ node, attribute }) => `${node.handle} ${attribute.id}`),
    ["2 A_MATERIAL_NAMES", "2 A_FILENAME", "3 A_VALUE", "5 A_VALUE"],
  );
});

test("a value that is selected itself has the label of its pin", () => {
  assert.deepEqual(text(inspectorGroups(scene(), "3", () => false)), ["[]", "value Auto"]);
});

test("a node that has gone shows nothing", () => {
  assert.deepEqual(
    inspectorGroups(scene(), "99", () => true),
    [],
  );
});
