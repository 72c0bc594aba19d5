import type { Fields } from "../services/handler.ts";
import type { PinType } from "./catalogue.ts";
import { fitValue, valueType } from "./value-types.ts";
import { toWire } from "./wire-value.ts";

/** Fields of the ApiNodePinInfo message that describes a pin to clients. */
export function pinInfoOf({ spec, id, pinType, defaultNode }: PinType): Fields {
  return {
    id,
    type: pinType,
    isTypedTexturePin: false,
    staticName: spec.name,
    staticLabel: spec.label,
    description: spec.description,
    groupName: spec.group,
    pinColor: pinColor(pinType),
    defaultNodeType: defaultNode,
    ...controlInfo(spec.control),
  };
}

/** 0xAARRGGBB, one hue per pin type. */
export function pinColor(pinType: number): number {
  const hue = (pinType * 0.618034) % 1;
  const channel = (shift: number): number => {
    const position = Math.abs(((hue + shift) % 1) * 6 - 3) - 1;
    return Math.round(96 + 144 * Math.min(1, Math.max(0, position)));
  };
  return ((255 << 24) | (channel(0) << 16) | (channel(2 / 3) << 8) | channel(1 / 3)) >>> 0;
}

function controlInfo(control: PinType["spec"]["control"]): Fields {
  switch (control.kind) {
    case "bool":
      return { boolInfo: { isValid: true, defaultValue: control.initial } };
    case "float":
    case "int": {
      const info = {
        isValid: true,
        dimCount: control.dimensions.length,
        dimInfos: control.dimensions.map(({ name, min, max, step }) => ({
          name,
          minValue: min,
          maxValue: max,
          sliderMinValue: min,
          sliderMaxValue: max,
          sliderStep: step,
        })),
        defaultValue: toWire(
          valueType(`${control.kind}4`),
          fitValue(valueType(`${control.kind}4`), control.initial),
        ),
        useSliders: true,
        isColor: control.isColor,
      };
      return control.kind === "float" ? { floatInfo: info } : { intInfo: info };
    }
    case "enum":
      return {
        enumInfo: {
          isValid: true,
          values: control.choices,
          valueCount: control.choices.length,
          defaultValue: control.initial,
        },
      };
    case "texture":
      return {
        texInfo: {
          isValid: true,
          minValue: control.min,
          maxValue: control.max,
          sliderMinValue: control.min,
          sliderMaxValue: control.max,
          defaultValue: toWire(valueType("float4"), fitValue(valueType("float4"), control.initial)),
          usesSpectrum: control.spectrum,
        },
      };
    case "bitMask":
      return {
        bitMaskInfo: {
          isValid: true,
          labels: control.labels.map((name, i) => ({ name, shortName: String(i + 1) })),
          labelCount: control.labels.length,
          defaultValue: control.initial,
        },
      };
    case "string":
      return { stringInfo: { isValid: true, defaultValue: control.initial } };
    case "transform":
      return { transformInfo: { isValid: true, dimCount: control.dimensions } };
    case "node":
      return {};
    default:
      return control satisfies never;
  }
}
