import { bool, choice, float, group, int } from "./pins.ts";
import type { NodeTypeSpec, PinSpec } from "./spec.ts";

const beautyPasses = [
  "EMIT",
  "ENVIRONMENT",
  "DIFFUSE",
  "DIFFUSE_DIRECT",
  "DIFFUSE_INDIRECT",
  "DIFFUSE_FILTER",
  "REFLECTION",
  "REFLECTION_DIRECT",
  "REFLECTION_INDIRECT",
  "REFLECTION_FILTER",
  "REFRACTION",
  "REFRACTION_FILTER",
  "TRANSMISSION",
  "TRANSMISSION_FILTER",
  "SSS",
  "SHADOW",
  "IRRADIANCE",
  "LIGHT_DIRECTION",
  "NOISE_BEAUTY",
  "POST_PROCESSING",
  "POSTFX_MEDIA",
];
const volumePasses = [
  "VOLUME",
  "VOLUME_MASK",
  "VOLUME_EMISSION",
  "VOLUME_Z_DEPTH_FRONT",
  "VOLUME_Z_DEPTH_BACK",
];
const denoiserPasses = [
  "DIFFUSE_DIRECT",
  "DIFFUSE_INDIRECT",
  "REFLECTION_DIRECT",
  "REFLECTION_INDIRECT",
  "EMISSION",
  "REMAINDER",
  "VOLUME",
  "VOLUME_EMISSION",
].map((pass) => `${pass}_DENOISER_OUTPUT`);
const layerPasses = ["LAYER_SHADOWS", "LAYER_BLACK_SHADOWS", "LAYER_REFLECTIONS"];
const lightSources = ["AMBIENT_LIGHT", "SUNLIGHT", ...Array.from({ length: 8 }, (_, i) => `LIGHT_${i + 1}`)];
const lightPasses = ["", "_DIRECT", "_INDIRECT"].flatMap((part) => lightSources.map((light) => light + part));
const infoPasses = [
  "GEOMETRIC_NORMAL",
  "SMOOTH_NORMAL",
  "SHADING_NORMAL",
  "TANGENT_NORMAL",
  "POSITION",
  "Z_DEPTH",
  "MATERIAL_ID",
  "UV_COORD",
  "TANGENT_U",
  "WIREFRAME",
  "OBJECT_ID",
  "AMBIENT_OCCLUSION",
  "MOTION_VECTOR",
  "RENDER_LAYER_ID",
  "RENDER_LAYER_MASK",
  "LIGHT_PASS_ID",
  "OPACITY",
  "BAKING_GROUP_ID",
  "ROUGHNESS",
  "IOR",
  "DIFFUSE_FILTER_INFO",
  "REFLECTION_FILTER_INFO",
  "REFRACTION_FILTER_INFO",
  "TRANSMISSION_FILTER_INFO",
  "OBJECT_LAYER_COLOR",
];
const cryptomattePasses = [
  "INSTANCE",
  "MATERIAL_NODE_NAME",
  "MATERIAL_NODE",
  "MATERIAL_PIN_NAME",
  "OBJECT_NODE_NAME",
  "OBJECT_NODE",
  "OBJECT_PIN_NAME",
].map((pass) => `CRYPTOMATTE_${pass}`);

/** Switches of the passes: 112 pins. */
export const renderPasses: NodeTypeSpec = {
  type: "NT_RENDER_PASSES",
  outType: "PT_RENDER_PASSES",
  defaultName: "Render AOV group",
  category: "Render target",
  description: "Passes that are rendered beside the beauty pass.",
  attributes: [],
  pins: [
    ...group("General", [
      bool("P_RENDER_PASSES_RAW", "Raw render passes", false, "Leaves out the colour of the surface."),
      bool("P_RENDER_PASS_INFO_AFTER_BEAUTY", "Info after beauty", true, "Renders the info passes last."),
    ]),
    ...group("Beauty passes", beautyPasses.map(passSwitch)),
    ...group("Denoiser passes", denoiserPasses.map(passSwitch)),
    ...group("Volume passes", volumePasses.map(passSwitch)),
    ...group("Layer passes", layerPasses.map(passSwitch)),
    ...group("Light passes", lightPasses.map(passSwitch)),
    ...group("Cryptomatte passes", [
      ...cryptomattePasses.map(passSwitch),
      int("P_RENDER_PASS_CRYPTOMATTE_COUNT", "Cryptomatte bins", 6, [2, 10], "Things told apart per pixel."),
      int(
        "P_RENDER_PASS_CRYPTOMATTE_SEED_FACTOR",
        "Cryptomatte seed factor",
        10,
        [4, 25],
        "Samples that find them.",
      ),
    ]),
    ...group("Info passes", [
      ...infoPasses.map(passSwitch),
      int(
        "P_RENDER_PASS_INFO_MAX_SAMPLES",
        "Max. info samples",
        128,
        [1, 1024],
        "Samples of the info passes.",
      ),
      choice(
        "P_INFOCHANNEL_SAMPLING_MODE",
        "Sampling mode",
        0,
        ["Distributed rays", "Non-distributed with filtering", "Non-distributed"],
        "How pixels of info passes are sampled.",
      ),
      float("P_Z_DEPTH_MAX", "Max. Z-depth", 5, [1e-5, 1e5], "Distance that is shown white."),
      float("P_UV_MAX", "Max. UV", 1, [1e-5, 1000], "UV coordinate that is shown white."),
      float("P_MAX_SPEED", "Max. speed", 1, [1e-5, 1e4], "Speed that is shown white."),
      float("P_AO_DISTANCE", "AO distance", 3, [0.01, 1024], "How far the occlusion pass looks."),
      float("P_OPACITY_THRESHOLD", "Opacity threshold", 1, [0, 1], "Surfaces below are seen through."),
      bool("P_AO_ALPHA_SHADOWS", "AO alpha shadows", false, "Lets occlusion rays through transparent parts."),
      bool("P_BUMP", "Bump and normal mapping", true, "Info passes show bumps."),
    ]),
  ],
};

function passSwitch(pass: string): PinSpec {
  const words = pass.toLowerCase().replaceAll("_", " ");
  const label = words.charAt(0).toUpperCase() + words.slice(1);
  return bool(`P_RENDER_PASS_${pass}`, label, false, `Renders the ${words} pass.`);
}
