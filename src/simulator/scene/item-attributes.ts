import type { Control } from "./catalogue/spec.ts";
import type { NodeType } from "./catalogue.ts";
import type { Attribute, SceneNode } from "./item.ts";
import { fitValue, type Value, valueType } from "./value-types.ts";

/** The attributes that a new node of the type has, at their initial values. */
export function newAttributes(type: NodeType): Map<number, Attribute> {
  return new Map(
    type.attributes.map(({ id, spec }) => [
      id,
      { id, spec, value: initialValue(spec), animation: undefined, dirty: false },
    ]),
  );
}

/** Empty for an array. */
export function initialValue(spec: Attribute["spec"]): Attribute["value"] {
  if (!spec.isArray) return fitValue(valueType(spec.type), spec.initial);
  return spec.type === "byte" ? new Uint8Array() : [];
}

/** Gives a default node the value that its pin starts with. */
export function setInitialValue(node: SceneNode, control: Control, valueId: number): void {
  const attribute = node.attributes.get(valueId);
  const initial = initialOf(control);
  if (attribute === undefined || initial === undefined) return;
  attribute.value = fitValue(valueType(attribute.spec.type), initial);
}

function initialOf(control: Control): Value | undefined {
  switch (control.kind) {
    case "bool":
    case "string":
    case "float":
    case "int":
    case "texture":
      return control.initial;
    case "enum":
    case "bitMask":
      return [control.initial];
    case "transform":
    case "node":
      return undefined;
    default:
      return control satisfies never;
  }
}
