import assert from "node:assert/strict";
import { test } from "node:test";
import type { ScenePin } from "../../../src/client/scene.ts";
import { componentsOf, findValueType, isSameValue, withComponents } from "./attribute-value.ts";
import { controlFor } from "./control.ts";
import { unitOf } from "./unit.ts";

const noDimension = { name: "", min: undefined, max: undefined, slider: undefined, step: undefined };

interface Case {
  readonly name: string;
  readonly type: string;
  readonly info?: ScenePin["info"];
  readonly nodeType?: string;
  readonly expected: unknown;
}

const cases: readonly Case[] = [
  { name: "a truth value is a switch", type: "AT_BOOL", expected: { kind: "switch" } },
  {
    name: "a float has the range, the slider and the step of its pin, and only its dimensions",
    type: "AT_FLOAT4",
    info: {
      description: "Horizontal viewing angle in degrees.",
      floatInfo: {
        dimCount: 1,
        dimInfos: [{ minValue: 1, maxValue: 179, sliderMinValue: 10, sliderMaxValue: 90, sliderStep: 0.1 }],
        useSliders: true,
      },
    },
    expected: {
      kind: "numbers",
      dimensions: [{ name: "", min: 1, max: 179, slider: { min: 10, max: 90 }, step: 0.1 }],
      isInteger: false,
      unit: "°",
      shownTimes: 1,
    },
  },
  {
    name: "a vector names its dimensions",
    type: "AT_FLOAT4",
    info: { floatInfo: { dimCount: 3, dimInfos: [{ name: "East" }], useSliders: false } },
    expected: {
      kind: "numbers",
      dimensions: [
        { ...noDimension, name: "East" },
        { ...noDimension, name: "Y" },
        { ...noDimension, name: "Z" },
      ],
      isInteger: false,
      unit: undefined,
      shownTimes: 1,
    },
  },
  {
    name: "a range as large as the numbers themselves has no slider",
    type: "AT_FLOAT",
    info: { floatInfo: { dimCount: 1, dimInfos: [{ minValue: -3.4e38, maxValue: 3.4e38 }] } },
    expected: {
      kind: "numbers",
      dimensions: [{ ...noDimension, min: -3.4e38, max: 3.4e38 }],
      isInteger: false,
      unit: undefined,
      shownTimes: 1,
    },
  },
  {
    name: "a fraction that Octane shows as a percentage",
    type: "AT_FLOAT",
    info: { texInfo: { maxValue: 1, sliderMaxValue: 1, displayPercentages: true } },
    expected: {
      kind: "numbers",
      dimensions: [{ ...noDimension, min: 0, max: 1, slider: { min: 0, max: 1 } }],
      isInteger: false,
      unit: "%",
      shownTimes: 100,
    },
  },
  {
    name: "an integer goes in whole steps",
    type: "AT_INT4",
    info: { intInfo: { dimCount: 1, dimInfos: [{ minValue: 4, maxValue: 16 }], useSliders: true } },
    expected: {
      kind: "numbers",
      dimensions: [{ name: "", min: 4, max: 16, slider: { min: 4, max: 16 }, step: 1 }],
      isInteger: true,
      unit: undefined,
      shownTimes: 1,
    },
  },
  {
    name: "an RGB texture is a colour",
    type: "AT_FLOAT3",
    nodeType: "NT_TEX_RGB",
    expected: { kind: "color" },
  },
  {
    name: "a float that its pin calls a colour",
    type: "AT_FLOAT4",
    info: { floatInfo: { dimCount: 3, isColor: true } },
    expected: { kind: "color" },
  },
  {
    name: "an enumeration is a choice; a value that is left out is 0",
    type: "AT_INT",
    info: { enumInfo: { values: [{ label: "Octane" }, { value: 2 }] } },
    expected: {
      kind: "choice",
      choices: [
        { value: 0, label: "Octane" },
        { value: 2, label: "2" },
      ],
    },
  },
  {
    name: "a bit mask has a box for each bit",
    type: "AT_INT",
    info: { bitMaskInfo: { labels: [{ name: "Sunlight", shortName: "1" }, { shortName: "2" }] } },
    expected: { kind: "mask", labels: ["Sunlight", "2"] },
  },
  { name: "the name of a file", type: "AT_FILENAME", expected: { kind: "file" } },
  {
    name: "a text that its pin calls a file",
    type: "AT_STRING",
    info: { stringInfo: { isFile: true } },
    expected: { kind: "file" },
  },
  {
    name: "a text of given values is a choice",
    type: "AT_STRING",
    info: { stringInfo: { values: { data: ["a", "b"] } } },
    expected: { kind: "textChoice", values: ["a", "b"] },
  },
  {
    name: "a text with suggestions",
    type: "AT_STRING",
    info: { stringInfo: { values: { data: ["a"] }, allowCustomValue: true, multiLine: true } },
    expected: { kind: "text", isMultiline: true, suggestions: ["a"] },
  },
  { name: "64 bits are text", type: "AT_LONG", expected: { kind: "long" } },
  { name: "a matrix is shown only", type: "AT_MATRIX", expected: { kind: "fixed" } },
  { name: "a type of a later Octane is shown only", type: "AT_NEW", expected: { kind: "fixed" } },
];

for (const { name, type, info, nodeType, expected } of cases) {
  test(`control: ${name}`, () => {
    assert.deepEqual(controlFor(type, info, nodeType), expected);
  });
}

for (const [description, unit] of [
  ["Radius of the edges in metres.", "m"],
  ["Moves in the plane of the sensor, in millimetres.", "mm"],
  ["Shown in reflections.", undefined],
  ["", undefined],
] as const) {
  test(`the unit of "${description}"`, () => {
    assert.equal(unitOf(description), unit);
  });
}

test("components that are left out are 0, and those that are not shown stay", () => {
  const type = findValueType("AT_FLOAT4");
  assert.ok(type !== undefined);
  assert.deepEqual(componentsOf({ y: 2, z: "Infinity" }, 3), [0, 2, Number.POSITIVE_INFINITY]);
  assert.deepEqual(withComponents({ x: 1, w: 4 }, type, [9, 8]), { x: 9, y: 8, z: 0, w: 4 });
});

for (const [one, other, isSame] of [
  [0.1, Math.fround(0.1), true],
  [{ x: 0.7 }, { x: Math.fround(0.7), y: 0 }, true],
  [{ x: 1 }, { x: 1, w: 1 }, false],
  ["1", 1, false],
  [{ m: [{ x: 1 }] }, { m: [{ x: 2 }] }, false],
] as const) {
  test(`${JSON.stringify(one)} and ${JSON.stringify(other)} are ${isSame ? "" : "not "}the same to Octane`, () => {
    assert.equal(isSameValue(one, other), isSame);
  });
}
