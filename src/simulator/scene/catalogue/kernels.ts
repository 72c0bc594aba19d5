import { lightIdLabels } from "./environment.ts";
import { bool, choice, float, group, int, mask } from "./pins.ts";
import type { NodeTypeSpec, PinSpec } from "./spec.ts";

const maxSamples = int(
  "P_MAX_SAMPLES",
  "Max. samples",
  500,
  [1, 1_000_000],
  "Samples per pixel until the picture is done.",
);
const rayEpsilon = float(
  "P_RAY_EPSILON",
  "Ray epsilon",
  1e-4,
  [1e-6, 1000],
  "Distance at which rays leave a surface.",
);
const filterSize = float("P_FILTERSIZE", "Filter size", 1.2, [1, 8], "Width of the pixel filter in pixels.");
const alphaPins: readonly PinSpec[] = [
  bool("P_ALPHA_CHANNEL", "Alpha channel", false, "Makes the background transparent."),
  bool("P_KEEP_ENVIRONMENT", "Keep environment", true, "Shows the background although it is transparent."),
];
const sampling: readonly PinSpec[] = [
  float("P_PATH_TERM_POWER", "Path term. power", 0.3, [0.01, 1], "Higher ends dark paths sooner."),
  float("P_COHERENT_RATIO", "Coherent ratio", 0, [0, 1], "Lets neighbouring pixels share random numbers."),
  bool("P_STATIC_NOISE", "Static noise", false, "Keeps the noise the same from frame to frame."),
  int("P_PARALLEL_SAMPLES", "Parallel samples", 16, [1, 32], "Samples that are computed at once."),
  int(
    "P_MAX_TILE_SAMPLES",
    "Max. tile samples",
    32,
    [1, 64],
    "Samples that a device takes before it reports.",
  ),
  bool("P_MINIMIZE_NET_TRAFFIC", "Minimize net traffic", true, "Sends results of remote devices less often."),
];

/** The kernel of the sample scene: 40 pins. */
export const directLightingKernel: NodeTypeSpec = {
  type: "NT_KERN_DIRECTLIGHTING",
  outType: "PT_KERNEL",
  defaultName: "Direct lighting kernel",
  category: "Kernels",
  description: "Fast lighting with ambient occlusion or a few bounces.",
  attributes: [],
  pins: [
    ...group("Quality", [
      maxSamples,
      choice(
        "P_GI_MODE",
        "GI mode",
        4,
        ["None", "Ambient", "Sample environment", "Ambient occlusion", "Diffuse"],
        "How light that bounces is found.",
      ),
      int("P_SPECULAR_DEPTH", "Specular depth", 5, [1, 1024], "Bounces from mirrors and through glass."),
      int("P_GLOSSY_DEPTH", "Glossy depth", 2, [1, 1024], "Bounces from glossy surfaces."),
      int("P_DIFFUSE_DEPTH", "Diffuse depth", 2, [1, 8], "Bounces from diffuse surfaces."),
      int(
        "P_MAX_OVERLAPPING_VOLUMES",
        "Max. overlapping volumes",
        4,
        [4, 16],
        "Volumes that a ray can be inside of.",
      ),
      rayEpsilon,
      bool(
        "P_RAY_EPSILON_CUSTOM_ENABLED",
        "Custom ray epsilon",
        false,
        "Uses the ray epsilon instead of a computed one.",
      ),
      filterSize,
      choice(
        "P_FILTER_TYPE",
        "Filter type",
        0,
        ["Gaussian", "Blackman-Harris", "Box"],
        "Shape of the pixel filter.",
      ),
      float("P_AO_DISTANCE", "AO distance", 3, [0.01, 1024], "How far ambient occlusion looks, in metres."),
      bool("P_ALPHA_SHADOWS", "Alpha shadows", true, "Lets light through transparent parts of materials."),
      bool("P_NESTED_DIELECTRICS", "Nested dielectrics", true, "Orders overlapping glass by priority."),
      bool("P_IRRADIANCE", "Irradiance mode", false, "Renders the light that reaches surfaces."),
      int("P_MAX_SUBD_LEVEL", "Max. subdivision level", 10, [0, 10], "Finest subdivision of any geometry."),
    ]),
    ...group("Alpha channel", alphaPins),
    ...group("Light", [
      bool("P_AI_LIGHT", "AI light", false, "Learns which lights matter where."),
      bool("P_AI_LIGHT_UPDATE", "AI light update", true, "Goes on learning while rendering."),
      float("P_AI_LIGHT_STRENGTH", "AI light strength", 0.8, [0, 1], "How much the learned weights count."),
      mask("P_GLOBAL_LIGHT_ID_MASK", "Light IDs", lightIdLabels, "Lights that the action below is about."),
      choice(
        "P_GLOBAL_LIGHT_ID_MASK_ACTION",
        "Light IDs action",
        0,
        ["Disable", "Enable"],
        "Whether the chosen lights are left out or used alone.",
      ),
      int("P_DIRECT_LIGHT_RAY_COUNT", "Direct light rays", 1, [1, 16], "Rays towards lights from each hit."),
    ]),
    ...group("Sampling", sampling),
    ...group("Adaptive sampling", [
      bool("P_ADAPTIVE_SAMPLING", "Adaptive sampling", false, "Stops where the picture is clean already."),
      float(
        "P_NOISE_THRESHOLD",
        "Noise threshold",
        0.03,
        [0.01, 1],
        "Noise at which a pixel counts as clean.",
      ),
      int(
        "P_MIN_ADAPTIVE_SAMPLES",
        "Min. adaptive samples",
        256,
        [2, 1_000_000],
        "Samples before noise is judged.",
      ),
      choice(
        "P_ADAPTIVE_SAMPLING_PIXEL_GROUP",
        "Pixel grouping",
        1,
        ["None", "2 x 2", "4 x 4"],
        "Pixels that are judged together.",
      ),
      float(
        "P_ADAPTIVE_SAMPLING_EXPOSURE",
        "Expected exposure",
        1,
        [0, 4096],
        "Exposure for which noise is judged.",
      ),
    ]),
    ...group("Colour", [
      choice(
        "P_WHITE_LIGHT_SPECTRUM",
        "White light spectrum",
        1,
        ["D65", "Legacy/flat"],
        "Spectrum of white light.",
      ),
      bool(
        "P_USE_OLD_COLOR_PIPELINE",
        "Use old colour pipeline",
        false,
        "Mixes colours as early versions did.",
      ),
    ]),
    ...group("Deep image", [
      bool("P_DEEP_ENABLE", "Deep image", false, "Keeps several depths per pixel."),
      bool("P_DEEP_ENABLE_PASSES", "Deep render AOVs", false, "Keeps several depths for render passes too."),
      int("P_MAX_DEPTH_SAMPLES", "Max. depth samples", 8, [1, 32], "Depths kept per pixel."),
      float("P_DEPTH_TOLERANCE", "Depth tolerance", 0.05, [0.001, 1], "Depths nearer than this are merged."),
    ]),
  ],
};

export const pathTracingKernel: NodeTypeSpec = {
  type: "NT_KERN_PATHTRACING",
  outType: "PT_KERNEL",
  defaultName: "Path tracing kernel",
  category: "Kernels",
  description: "Follows light paths over many bounces.",
  attributes: [],
  pins: [
    ...group("Quality", [
      maxSamples,
      int("P_DIFFUSE_DEPTH", "Diffuse depth", 8, [1, 1024], "Bounces from diffuse surfaces."),
      int("P_SPECULAR_DEPTH", "Specular depth", 24, [1, 1024], "Bounces from mirrors and through glass."),
      int("P_MAX_SCATTER_DEPTH", "Scatter depth", 8, [1, 256], "Bounces inside media."),
      rayEpsilon,
      filterSize,
      bool("P_ALPHA_SHADOWS", "Alpha shadows", true, "Lets light through transparent parts of materials."),
      float("P_CAUSTIC_BLUR", "Caustic blur", 0.02, [0, 1], "Softens caustics to find them sooner."),
      float("P_GI_CLAMP", "GI clamp", 1e6, [0.001, 1e6], "Upper bound of light that bounces."),
    ]),
    ...group("Alpha channel", alphaPins),
    ...group("Sampling", sampling),
  ],
};

export const infoKernel: NodeTypeSpec = {
  type: "NT_KERN_INFO",
  outType: "PT_KERNEL",
  defaultName: "Info channel kernel",
  category: "Kernels",
  description: "Shows normals, depth and the like.",
  attributes: [],
  pins: [
    maxSamples,
    choice(
      "P_INFOCHANNELS_TYPE",
      "Type",
      0,
      ["Geometric normal", "Shading normal", "Position", "Z-depth"],
      "What is shown.",
    ),
    rayEpsilon,
    filterSize,
    float("P_Z_DEPTH_MAX", "Max. Z-depth", 5, [1e-5, 1e5], "Distance that is shown white."),
  ],
};
