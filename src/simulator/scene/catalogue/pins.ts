import type { Control, Dimension, PinSpec } from "./spec.ts";

/** A range with a slider step; the step defaults to a hundredth of a unit. */
export type Range = readonly [min: number, max: number, step?: number];
const componentNames = ["X", "Y", "Z", "W"];

export function bool(id: string, label: string, initial: boolean, description: string): PinSpec {
  return pin(id, label, description, "PT_BOOL", "NT_BOOL", { kind: "bool", initial });
}

/** One to four components, by the length of `initial`. */
export function float(
  id: string,
  label: string,
  initial: number | readonly number[],
  range: Range,
  description: string,
  isColor = false,
): PinSpec {
  return pin(id, label, description, "PT_FLOAT", "NT_FLOAT", numbers("float", initial, range, isColor));
}

export function int(
  id: string,
  label: string,
  initial: number | readonly number[],
  range: Range,
  description: string,
): PinSpec {
  const [min, max, step = 1] = range;
  return pin(id, label, description, "PT_INT", "NT_INT", numbers("int", initial, [min, max, step], false));
}

/** Choices in order get the values 0, 1, 2, … */
export function choice(
  id: string,
  label: string,
  initial: number,
  choices: readonly string[],
  description: string,
): PinSpec {
  return pin(id, label, description, "PT_ENUM", "NT_ENUM", {
    kind: "enum",
    initial,
    choices: choices.map((text, value) => ({ value, label: text })),
  });
}

/** A colour in linear sRGB. */
export function color(
  id: string,
  label: string,
  initial: readonly [number, number, number],
  description: string,
): PinSpec {
  const control: Control = { kind: "texture", initial, min: 0, max: 1, spectrum: true };
  return pin(id, label, description, "PT_TEXTURE", "NT_TEX_RGB", control);
}

/** A texture pin whose default is one number. */
export function grey(id: string, label: string, initial: number, range: Range, description: string): PinSpec {
  const control: Control = {
    kind: "texture",
    initial: [initial],
    min: range[0],
    max: range[1],
    spectrum: false,
  };
  return pin(id, label, description, "PT_TEXTURE", "NT_TEX_FLOAT", control);
}

export function mask(id: string, label: string, labels: readonly string[], description: string): PinSpec {
  return pin(id, label, description, "PT_BIT_MASK", "NT_BIT_MASK", {
    kind: "bitMask",
    initial: 0xff,
    labels,
  });
}

export function text(id: string, label: string, initial: string, description: string): PinSpec {
  return pin(id, label, description, "PT_STRING", "NT_STRING", { kind: "string", initial });
}

/** A pin for a node with pins; without `defaultNode` it starts unconnected. */
export function slot(
  id: string,
  label: string,
  type: string,
  defaultNode: string | undefined,
  description: string,
): PinSpec {
  return pin(id, label, description, type, defaultNode, { kind: "node" });
}

/** The same pin under another name than its id gives. */
export function named(name: string, spec: PinSpec): PinSpec {
  return { ...spec, name };
}

/** The same pin with another node behind it. */
export function withDefault(defaultNode: string | undefined, spec: PinSpec): PinSpec {
  return { ...spec, defaultNode };
}

/** Pins of a group stay together: clients draw a heading wherever the group changes. */
export function group(title: string, pins: readonly PinSpec[]): readonly PinSpec[] {
  return pins.map((spec) => ({ ...spec, group: title }));
}

/** `P_FOCAL_LENGTH` -> `focalLength` */
export function pinNameOf(id: string): string {
  return id
    .replace(/^P_/, "")
    .toLowerCase()
    .replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function pin(
  id: string,
  label: string,
  description: string,
  type: string,
  defaultNode: string | undefined,
  control: Control,
): PinSpec {
  return { id, name: pinNameOf(id), label, description, group: "", type, defaultNode, control };
}

function numbers(
  kind: "float" | "int",
  initial: number | readonly number[],
  [min, max, step = 0.01]: Range,
  isColor: boolean,
): Control {
  const values = typeof initial === "number" ? [initial] : initial;
  const dimensions: readonly Dimension[] = values.map((_, i) => ({
    name: values.length === 1 ? "" : (componentNames[i] ?? ""),
    min,
    max,
    step,
  }));
  return { kind, initial: values, dimensions, isColor };
}
