import { bool, choice, color, float, grey, group, int, named, slot } from "./pins.ts";
import type { NodeTypeSpec, PinSpec } from "./spec.ts";

const brdfModels = ["Octane", "Beckmann", "GGX", "Ward"];
const aovChoices = ["None", "Custom AOV 1", "Custom AOV 2", "Custom AOV 3"];
const opacity = grey("P_OPACITY", "Opacity", 1, [0, 1], "0 is invisible.");
const smooth = bool("P_SMOOTH", "Smooth", true, "Shades with interpolated normals.");
const roughness = (initial: number): PinSpec =>
  grey("P_ROUGHNESS", "Roughness", initial, [0, 1], "From mirror (0) to matt (1).");
const surfacePins: readonly PinSpec[] = group("Surface", [
  slot("P_BUMP", "Bump", "PT_TEXTURE", undefined, "Grey picture that raises the surface."),
  slot("P_NORMAL", "Normal", "PT_TEXTURE", undefined, "Picture of normals."),
  slot("P_DISPLACEMENT", "Displacement", "PT_DISPLACEMENT", undefined, "Moves the surface."),
  smooth,
]);

/** The material of the sample scene: 13 pins, each with a node. */
export const diffuseMaterial: NodeTypeSpec = {
  type: "NT_MAT_DIFFUSE",
  outType: "PT_MATERIAL",
  defaultName: "Diffuse material",
  category: "Materials",
  description: "A matt surface.",
  attributes: [],
  pins: [
    ...group("Base layer", [
      color("P_DIFFUSE", "Diffuse", [0.7, 0.7, 0.7], "Colour of the surface."),
      color("P_TRANSMISSION", "Transmission", [0, 0, 0], "Colour of light that passes through."),
      choice(
        "P_DIFFUSE_BRDF",
        "Diffuse BRDF model",
        0,
        ["Octane", "Lambertian", "Oren-Nayar"],
        "How the surface scatters.",
      ),
      grey("P_ROUGHNESS", "Roughness", 0, [0, 1], "Roughness of the matt surface."),
    ]),
    ...group("Geometry", [
      opacity,
      smooth,
      bool(
        "P_SMOOTH_SHADOW_TERMINATOR",
        "Smooth shadow terminator",
        false,
        "Softens jagged shadows on coarse meshes.",
      ),
      slot(
        "P_ROUND_EDGES",
        "Round edges",
        "PT_ROUND_EDGES",
        "NT_ROUND_EDGES",
        "Shades sharp edges as if round.",
      ),
      int("P_PRIORITY", "Priority", 0, [-100, 100], "Which of overlapping materials wins."),
    ]),
    ...group("Alpha and AOVs", [
      bool("P_MATTE", "Shadow catcher", false, "Invisible but for the shadows on it."),
      bool(
        "P_REFRACTION_ALPHA",
        "Affect alpha",
        false,
        "What passes through is transparent in the alpha channel.",
      ),
      choice("P_CUSTOM_AOV", "Custom AOV", 0, aovChoices, "Mask pass that shows this material."),
      choice(
        "P_CUSTOM_AOV_CHANNEL",
        "Custom AOV channel",
        0,
        ["All", "Red", "Green", "Blue"],
        "Channel of that pass.",
      ),
    ]),
  ],
};

export const glossyMaterial: NodeTypeSpec = {
  type: "NT_MAT_GLOSSY",
  outType: "PT_MATERIAL",
  defaultName: "Glossy material",
  category: "Materials",
  description: "A matt surface under a shiny one: plastic, paint, lacquer.",
  attributes: [],
  pins: [
    ...group("Base layer", [
      color("P_DIFFUSE", "Diffuse", [0.7, 0.7, 0.7], "Colour of the matt surface."),
      color("P_SPECULAR", "Specular", [1, 1, 1], "Colour of what is mirrored."),
      choice("P_BRDF", "BRDF model", 0, brdfModels, "How the shiny surface scatters."),
      roughness(0.063),
      float("P_INDEX", "Index", 1.3, [1, 8], "Index of refraction of the coat."),
    ]),
    ...surfacePins,
    ...group("Visibility", [opacity]),
  ],
};

export const specularMaterial: NodeTypeSpec = {
  type: "NT_MAT_SPECULAR",
  outType: "PT_MATERIAL",
  defaultName: "Specular material",
  category: "Materials",
  description: "Glass, water and other clear things.",
  attributes: [],
  pins: [
    ...group("Base layer", [
      color("P_REFLECTION", "Reflection", [1, 1, 1], "Colour of what is mirrored."),
      color("P_TRANSMISSION", "Transmission", [1, 1, 1], "Colour of light that passes through."),
      choice("P_BRDF", "BRDF model", 0, brdfModels, "How the surface scatters."),
      roughness(0),
      float("P_INDEX", "Index", 1.5, [1, 8], "Index of refraction."),
      bool("P_FAKE_SHADOWS", "Fake shadows", false, "Lets light through without bending it."),
      slot("P_MEDIUM", "Medium", "PT_MEDIUM", undefined, "What fills the inside."),
    ]),
    ...surfacePins,
    ...group("Visibility", [opacity]),
  ],
};

export const metallicMaterial: NodeTypeSpec = {
  type: "NT_MAT_METAL",
  outType: "PT_MATERIAL",
  defaultName: "Metallic material",
  category: "Materials",
  description: "A metal; the simulator renders it as a glossy one.",
  attributes: [],
  pins: [
    color("P_SPECULAR", "Specular", [0.8, 0.8, 0.8], "Colour of the metal."),
    roughness(0.063),
    float("P_INDEX", "Index", 8, [1, 8], "Index of refraction."),
    ...surfacePins,
    opacity,
  ],
};

export const universalMaterial: NodeTypeSpec = {
  type: "NT_MAT_UNIVERSAL",
  outType: "PT_MATERIAL",
  defaultName: "Universal material",
  category: "Materials",
  description: "Matt, shiny, metallic and clear in one; the simulator renders its albedo and specular parts.",
  attributes: [],
  pins: [
    color("P_ALBEDO", "Albedo", [0.7, 0.7, 0.7], "Colour of the surface."),
    grey("P_METALLIC", "Metallic", 0, [0, 1], "From plastic (0) to metal (1)."),
    grey("P_SPECULAR", "Specular", 1, [0, 1], "Strength of what is mirrored."),
    roughness(0.063),
    float("P_INDEX", "Dielectric IOR", 1.5, [1, 8], "Index of refraction."),
    ...surfacePins,
    opacity,
  ],
};

export const mixMaterial: NodeTypeSpec = {
  type: "NT_MAT_MIX",
  outType: "PT_MATERIAL",
  defaultName: "Mix material",
  category: "Materials",
  description: "Blends two materials; the simulator renders the first.",
  attributes: [],
  pins: [
    grey("P_AMOUNT", "Amount", 0.5, [0, 1], "Share of the first material."),
    slot("P_MATERIAL1", "First material", "PT_MATERIAL", undefined, "Seen where the amount is 1."),
    slot("P_MATERIAL2", "Second material", "PT_MATERIAL", undefined, "Seen where the amount is 0."),
  ],
};

export const roundEdges: NodeTypeSpec = {
  type: "NT_ROUND_EDGES",
  outType: "PT_ROUND_EDGES",
  defaultName: "Round edges",
  category: "Materials",
  description: "Shades sharp edges as if they were round.",
  attributes: [],
  pins: [
    named(
      "mode",
      choice(
        "P_ROUND_EDGES_MODE",
        "Mode",
        0,
        ["Off", "Fast", "Accurate", "Accurate convex", "Accurate concave"],
        "Which edges.",
      ),
    ),
    named("radius", float("P_ROUND_EDGES_RADIUS", "Radius", 0, [0, 100], "Radius of the edges in metres.")),
    named(
      "roundness",
      float("P_ROUND_EDGES_ROUNDNESS", "Roundness", 1, [0, 1], "From a bevel (0) to a curve (1)."),
    ),
    named(
      "sampleCount",
      int("P_ROUND_EDGES_SAMPLE_COUNT", "Samples", 8, [4, 16], "Rays that look for edges."),
    ),
    named(
      "considerOtherObjects",
      bool(
        "P_ROUND_EDGES_CONSIDER_OTHER_OBJECTS",
        "Consider other objects",
        true,
        "Rounds where objects meet.",
      ),
    ),
  ],
};
