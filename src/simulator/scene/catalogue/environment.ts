import { bool, choice, color, float, grey, group, mask, slot, withDefault } from "./pins.ts";
import type { NodeTypeSpec } from "./spec.ts";

export const lightIdLabels = [
  "Sunlight",
  "Environment",
  ...Array.from({ length: 8 }, (_, i) => `Light ${i + 1}`),
];

/** The environment of the sample scene: 20 pins. */
export const daylightEnvironment: NodeTypeSpec = {
  type: "NT_ENV_DAYLIGHT",
  outType: "PT_ENVIRONMENT",
  defaultName: "Daylight environment",
  category: "Environments",
  description: "Sun and sky.",
  attributes: [],
  pins: [
    ...group("Sun", [
      withDefault(
        "NT_SUN_DIRECTION",
        float(
          "P_SUN_DIR",
          "Sun direction",
          [0.6, 0.65, 0.47],
          [-1, 1],
          "Points from the scene towards the sun.",
        ),
      ),
      float("P_TURBIDITY", "Sky turbidity", 2.4, [2, 15], "Haze in the air: low is a clear day."),
      float("P_POWER", "Power", 1, [0.001, 1000], "Strength of the light of sun and sky."),
      float("P_SUN_INTENSITY", "Sun intensity", 1, [0, 1000], "Strength of the sun alone."),
      float(
        "P_NORTHOFFSET",
        "North offset",
        0,
        [-1, 1],
        "Turns the sky about the vertical; 1 is half a turn.",
      ),
      float("P_SUN_SIZE", "Sun size", 1, [0.1, 30], "Size of the sun's disc; larger gives softer shadows."),
    ]),
    ...group("Sky", [
      choice("P_MODEL", "Daylight model", 1, ["Old", "New", "Nishita"], "Formula of the colour of the sky."),
      color("P_SKY_COLOR", "Sky colour", [0.1255, 0.3188, 1], "Tint of the sky by day."),
      color("P_SUNSET_COLOR", "Sunset colour", [0.943, 0.4969, 0.1], "Tint of sky and sun near the horizon."),
      float(
        "P_PLANETARY_ALTITUDE",
        "Altitude",
        1,
        [1, 1000],
        "Height of the viewer above the ground in metres.",
      ),
    ]),
    ...group("Ground", [
      color(
        "P_GROUND_COLOR",
        "Ground colour",
        [0.18, 0.15, 0.12],
        "Colour of the half sphere below the horizon.",
      ),
      float(
        "P_GROUND_START_ANGLE",
        "Ground start angle",
        90,
        [0, 90, 1],
        "Where the ground begins, in degrees.",
      ),
      float(
        "P_GROUND_BLEND_ANGLE",
        "Ground blend angle",
        5,
        [0, 90, 1],
        "Width of the band between sky and ground.",
      ),
    ]),
    ...group("Light", [
      bool(
        "P_IMPORTANCE_SAMPLING",
        "Importance sampling",
        true,
        "Sends more rays towards bright directions.",
      ),
      bool("P_CAST_PHOTONS", "Cast photons", true, "Lets the sun make caustics where the kernel can."),
      mask("P_LIGHT_PASS_MASK", "Light pass mask", lightIdLabels, "Light passes that this light adds to."),
      float(
        "P_MEDIUM_RADIUS",
        "Medium radius",
        1,
        [1e-4, 1e10],
        "Radius of the medium around the scene in metres.",
      ),
    ]),
    ...group("Visible environment", [
      bool("P_VISIBLE_ENVIRONMENT_BACKPLATE", "Backplate", false, "Shown behind the scene."),
      bool("P_VISIBLE_ENVIRONMENT_REFLECTIONS", "Reflections", false, "Shown in reflections."),
      bool("P_VISIBLE_ENVIRONMENT_REFRACTIONS", "Refractions", false, "Shown through refracting things."),
    ]),
  ],
};

export const textureEnvironment: NodeTypeSpec = {
  type: "NT_ENV_TEXTURE",
  outType: "PT_ENVIRONMENT",
  defaultName: "Texture environment",
  category: "Environments",
  description: "Light of one colour or picture from all around.",
  attributes: [],
  pins: [
    ...group("Light", [
      color("P_TEXTURE", "Texture", [1, 1, 1], "Colour or picture of the surroundings."),
      float("P_POWER", "Power", 1, [0.001, 1000], "Strength of the light."),
      bool(
        "P_IMPORTANCE_SAMPLING",
        "Importance sampling",
        true,
        "Sends more rays towards bright directions.",
      ),
      bool(
        "P_CAST_PHOTONS",
        "Cast photons",
        true,
        "Lets the surroundings make caustics where the kernel can.",
      ),
      mask("P_LIGHT_PASS_MASK", "Light pass mask", lightIdLabels, "Light passes that this light adds to."),
      slot("P_MEDIUM", "Medium", "PT_MEDIUM", undefined, "What fills the air around the scene."),
      float(
        "P_MEDIUM_RADIUS",
        "Medium radius",
        1,
        [1e-4, 1e10],
        "Radius of the medium around the scene in metres.",
      ),
    ]),
    ...group("Visible environment", [
      bool("P_VISIBLE_ENVIRONMENT_BACKPLATE", "Backplate", false, "Shown behind the scene."),
      bool("P_VISIBLE_ENVIRONMENT_REFLECTIONS", "Reflections", false, "Shown in reflections."),
      bool("P_VISIBLE_ENVIRONMENT_REFRACTIONS", "Refractions", false, "Shown through refracting things."),
    ]),
  ],
};

export const planetaryEnvironment: NodeTypeSpec = {
  type: "NT_ENV_PLANETARY",
  outType: "PT_ENVIRONMENT",
  defaultName: "Planetary environment",
  category: "Environments",
  description: "Sun and a planet with an atmosphere; the simulator renders its sun and turbidity only.",
  attributes: [],
  pins: [
    withDefault(
      "NT_SUN_DIRECTION",
      float(
        "P_SUN_DIR",
        "Sun direction",
        [0.6, 0.65, 0.47],
        [-1, 1],
        "Points from the scene towards the sun.",
      ),
    ),
    float("P_POWER", "Power", 1, [0.001, 1000], "Strength of the light."),
    float("P_TURBIDITY", "Turbidity", 2.4, [2, 15], "Haze in the air."),
    float("P_PLANETARY_ALTITUDE", "Altitude", 1, [1, 1e7], "Height of the viewer in metres."),
    grey("P_PLANETARY_GLOSSINESS", "Glossiness", 0.5, [0, 1], "How much the planet's surface mirrors."),
  ],
};
