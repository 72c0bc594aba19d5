import type { ScenePin } from "../../../src/client/scene.ts";
import { findValueType, type ValueType } from "./attribute-value.ts";
import { unitOf } from "./unit.ts";

/** One number of a value. */
export interface Dimension {
  readonly name: string;
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Undefined where no slider makes sense. */
  readonly slider: { readonly min: number; readonly max: number } | undefined;
  readonly step: number | undefined;
}

export interface NumberControl {
  readonly kind: "numbers";
  readonly dimensions: readonly Dimension[];
  readonly isInteger: boolean;
  readonly unit: string | undefined;
  /** Octane wants some fractions shown as percentages. */
  readonly shownTimes: 1 | 100;
}

/** With what a value is shown and changed. */
export type Control =
  | NumberControl
  | { readonly kind: "switch" }
  | { readonly kind: "color" }
  | {
      readonly kind: "choice";
      readonly choices: readonly { readonly value: number; readonly label: string }[];
    }
  | { readonly kind: "mask"; readonly labels: readonly string[] }
  | { readonly kind: "text"; readonly isMultiline: boolean; readonly suggestions: readonly string[] }
  | { readonly kind: "textChoice"; readonly values: readonly string[] }
  | { readonly kind: "file" }
  | { readonly kind: "long" }
  /** Shown, not changed. */
  | { readonly kind: "fixed" };

/** The control for an attribute of this type; `info` is that of the pin which the node's value stands for. */
export function controlFor(
  attributeType: string | number,
  info: ScenePin["info"],
  nodeType?: string | number,
): Control {
  const type = findValueType(attributeType);
  if (attributeType === "AT_FILENAME") return { kind: "file" };
  if (type === undefined) return { kind: "fixed" };
  switch (type.form) {
    case "bool":
      return { kind: "switch" };
    case "integer":
    case "float":
      return numericControl(type, info ?? {}, nodeType);
    case "text":
      return textControl(objectIn(info, "stringInfo"));
    case "long":
      return type.components === 0 ? { kind: "long" } : { kind: "fixed" };
    case "matrix":
      return { kind: "fixed" };
    default:
      return type.form satisfies never;
  }
}

type Members = Readonly<Record<string, unknown>>;

function numericControl(type: ValueType, info: Members, nodeType: string | number | undefined): Control {
  const isInteger = type.form === "integer";
  const choices = listIn(objectIn(info, "enumInfo"), "values");
  if (isInteger && choices.length > 0) {
    return {
      kind: "choice",
      choices: choices.map((choice) => {
        const value = Number(choice.value ?? 0);
        return { value, label: String(choice.label ?? value) };
      }),
    };
  }
  const labels = listIn(objectIn(info, "bitMaskInfo"), "labels");
  if (isInteger && labels.length > 0) {
    return { kind: "mask", labels: labels.map(({ name, shortName }) => String(name || shortName || "")) };
  }
  const told = objectIn(info, isInteger ? "intInfo" : "floatInfo");
  const isColor = told.isColor === true || nodeType === "NT_TEX_RGB";
  if (isColor && !isInteger && type.components >= 3) return { kind: "color" };
  const tex = objectIn(info, "texInfo");
  const isPercentage = told.displayPercentages === true || tex.displayPercentages === true;
  return {
    kind: "numbers",
    dimensions: dimensionsOf(type, told, tex),
    isInteger,
    unit: isPercentage ? "%" : unitOf(String(info.description ?? "")),
    shownTimes: isPercentage ? 100 : 1,
  };
}

function dimensionsOf(type: ValueType, told: Members, tex: Members): readonly Dimension[] {
  const own = Math.max(1, type.components);
  const count = Math.min(own, Number(told.dimCount ?? own) || own);
  const infos = listIn(told, "dimInfos");
  return Array.from({ length: count }, (_, at) => {
    const info = infos[at] ?? (type.components === 0 ? tex : {});
    const name = String(info.name || (count > 1 ? "XYZW"[at] : ""));
    return dimension(name, info, type.form === "integer", told.useSliders !== false);
  });
}

function dimension(name: string, info: Members, isInteger: boolean, usesSliders: boolean): Dimension {
  const bounds = rangeOf(info.minValue, info.maxValue);
  const step = Number(info.sliderStep ?? 0) || (isInteger ? 1 : undefined);
  const slider = rangeOf(info.sliderMinValue, info.sliderMaxValue) ?? bounds;
  return {
    name,
    min: bounds?.min,
    max: bounds?.max,
    // Octane's "no limit" is the largest float: a slider over it would only have two positions.
    slider: usesSliders && slider !== undefined && slider.max - slider.min < 1e7 ? slider : undefined,
    step,
  };
}

/** Left-out bounds are 0; bounds without room between them are none. */
function rangeOf(min: unknown, max: unknown): { readonly min: number; readonly max: number } | undefined {
  const range = { min: Number(min ?? 0), max: Number(max ?? 0) };
  return range.max > range.min ? range : undefined;
}

function textControl(info: Members): Control {
  if (info.isFile === true) return { kind: "file" };
  const data = objectIn(info, "values").data;
  const values = Array.isArray(data) ? data.map(String) : [];
  if (values.length > 0 && info.allowCustomValue !== true) return { kind: "textChoice", values };
  return { kind: "text", isMultiline: info.multiLine === true, suggestions: values };
}

function objectIn(parent: Members | undefined, name: string): Members {
  const value = parent?.[name];
  return typeof value === "object" && value !== null ? (value as Members) : {};
}

function listIn(parent: Members, name: string): readonly Members[] {
  const value = parent[name];
  return Array.isArray(value) ? (value as readonly Members[]) : [];
}
