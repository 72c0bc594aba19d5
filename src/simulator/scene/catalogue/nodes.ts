import { arrayAttribute, attribute, valueNode } from "./attributes.ts";
import { thinLensCamera } from "./camera.ts";
import { daylightEnvironment, planetaryEnvironment, textureEnvironment } from "./environment.ts";
import { directLightingKernel, infoKernel, pathTracingKernel } from "./kernels.ts";
import {
  diffuseMaterial,
  glossyMaterial,
  metallicMaterial,
  mixMaterial,
  roundEdges,
  specularMaterial,
  universalMaterial,
} from "./materials.ts";
import { bool, choice, color, float, grey, int, slot } from "./pins.ts";
import { renderPasses } from "./render-passes.ts";
import {
  animationSettings,
  filmSettings,
  imager,
  lookUpTable,
  objectLayer,
  outputAovGroup,
  postProcessing,
  postVolume,
  renderLayer,
  renderTarget,
} from "./settings.ts";
import type { NodeTypeSpec } from "./spec.ts";

const fileAttributes = [
  attribute("A_FILENAME", "filename", "File that the data comes from."),
  attribute("A_PACKAGE", "string", "Package that holds the file."),
  attribute("A_RELOAD", "bool", "Set to read the file again."),
];

const mesh: NodeTypeSpec = {
  type: "NT_GEO_MESH",
  outType: "PT_GEOMETRY",
  defaultName: "Mesh",
  category: "Geometry",
  description: "Polygons, from a file or from the arrays below; one pin per material.",
  attributes: [
    ...fileAttributes,
    arrayAttribute("A_VERTICES", "float3", "Positions."),
    arrayAttribute("A_VERTICES_PER_POLY", "int", "Corners of each polygon."),
    arrayAttribute("A_POLY_VERTEX_INDICES", "int", "Positions of the corners, polygon by polygon."),
    arrayAttribute("A_NORMALS", "float3", "Normals."),
    arrayAttribute("A_POLY_NORMAL_INDICES", "int", "Normals of the corners, polygon by polygon."),
    arrayAttribute("A_POLY_MATERIAL_INDICES", "int", "Material of each polygon."),
    arrayAttribute("A_MATERIAL_NAMES", "string", "Names of the materials; each is a pin."),
  ],
  pins: [],
};

const placement: NodeTypeSpec = {
  type: "NT_GEO_PLACEMENT",
  outType: "PT_GEOMETRY",
  defaultName: "Placement",
  category: "Geometry",
  description: "Moves geometry.",
  attributes: [],
  pins: [
    slot("P_TRANSFORM", "Transformation", "PT_TRANSFORM", "NT_TRANSFORM_VALUE", "Where the geometry goes."),
    slot("P_GEOMETRY", "Geometry", "PT_GEOMETRY", undefined, "What is moved."),
  ],
};

const geometryGroup: NodeTypeSpec = {
  type: "NT_GEO_GROUP",
  outType: "PT_GEOMETRY",
  defaultName: "Geometry group",
  category: "Geometry",
  description: "Several geometries as one.",
  attributes: [attribute("A_PIN_COUNT", "int", "Number of inputs.")],
  pins: [],
  counted: {
    attribute: "A_PIN_COUNT",
    pin: { ...slot("P_UNKNOWN", "Input", "PT_GEOMETRY", undefined, "One of the geometries."), name: "input" },
  },
};

const transformPins = [
  choice(
    "P_ROTATION_ORDER",
    "Rotation order",
    0,
    ["XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX"],
    "Order of the turns.",
  ),
  float("P_ROTATION", "Rotation", [0, 0, 0], [-360, 360], "Turns about the axes, in degrees."),
  float("P_SCALE", "Scale", [1, 1, 1], [1e-3, 1000], "Factors along the axes."),
  float("P_TRANSLATION", "Translation", [0, 0, 0], [-1e6, 1e6], "Move along the axes, in metres."),
];
const transform3d: NodeTypeSpec = {
  type: "NT_TRANSFORM_3D",
  outType: "PT_TRANSFORM",
  defaultName: "3D transformation",
  category: "Transforms",
  description: "Scale, rotation and translation in space.",
  attributes: [],
  pins: transformPins,
};
const transformScale: NodeTypeSpec = {
  ...transform3d,
  type: "NT_TRANSFORM_SCALE",
  defaultName: "Scale",
  description: "Scale in space.",
  pins: transformPins.filter((pin) => pin.id === "P_SCALE"),
};
const transform2d: NodeTypeSpec = {
  ...transform3d,
  type: "NT_TRANSFORM_2D",
  defaultName: "2D transformation",
  description: "Scale, rotation and translation in the plane.",
  pins: [
    float("P_ROTATION", "Rotation", 0, [-360, 360], "Turn in degrees."),
    float("P_SCALE", "Scale", [1, 1], [1e-3, 1000], "Factors along the axes."),
    float("P_TRANSLATION", "Translation", [0, 0], [-1e6, 1e6], "Move along the axes."),
  ],
};

const texture = (
  type: string,
  defaultName: string,
  description: string,
  pins: NodeTypeSpec["pins"],
  attributes: NodeTypeSpec["attributes"] = [],
): NodeTypeSpec => ({
  type,
  outType: "PT_TEXTURE",
  defaultName,
  category: "Textures",
  description,
  pins,
  attributes,
});
const imagePins = [
  grey("P_POWER", "Power", 1, [0, 1], "Factor on the colour."),
  float("P_GAMMA", "Legacy gamma", 2.2, [0.1, 8], "Gamma of the file."),
  bool("P_INVERT", "Invert", false, "Turns the colours round."),
  slot("P_TRANSFORM", "UV transform", "PT_TRANSFORM", undefined, "Moves the picture on the surface."),
  slot("P_PROJECTION", "Projection", "PT_PROJECTION", undefined, "How the picture is laid on the surface."),
];
const twoTextures = [
  slot("P_TEXTURE1", "First texture", "PT_TEXTURE", undefined, "First input."),
  slot("P_TEXTURE2", "Second texture", "PT_TEXTURE", undefined, "Second input."),
];

/** Every node type that has pins or attributes here; other types of the contract make nodes without any. */
export const nodeTypes: readonly NodeTypeSpec[] = [
  renderTarget,
  thinLensCamera,
  daylightEnvironment,
  textureEnvironment,
  planetaryEnvironment,
  filmSettings,
  animationSettings,
  directLightingKernel,
  pathTracingKernel,
  infoKernel,
  renderLayer,
  renderPasses,
  outputAovGroup,
  imager,
  lookUpTable,
  postProcessing,
  postVolume,
  objectLayer,
  diffuseMaterial,
  glossyMaterial,
  specularMaterial,
  metallicMaterial,
  universalMaterial,
  mixMaterial,
  roundEdges,
  mesh,
  placement,
  geometryGroup,
  transform3d,
  transform2d,
  transformScale,
  valueNode("NT_FLOAT", "PT_FLOAT", "Float value", "float4", "Up to four numbers."),
  valueNode("NT_INT", "PT_INT", "Int value", "int4", "Up to four whole numbers."),
  valueNode("NT_BOOL", "PT_BOOL", "Bool value", "bool", "Yes or no."),
  valueNode("NT_ENUM", "PT_ENUM", "Enum value", "int", "One of the choices of the pin."),
  valueNode("NT_STRING", "PT_STRING", "String value", "string", "A text."),
  valueNode("NT_FILE", "PT_STRING", "File name", "filename", "Path of a file."),
  valueNode("NT_DIRECTORY", "PT_STRING", "Directory", "filename", "Path of a directory."),
  valueNode("NT_BIT_MASK", "PT_BIT_MASK", "Bit mask", "int", "A set of switches."),
  valueNode(
    "NT_SUN_DIRECTION",
    "PT_FLOAT",
    "Sun direction",
    "float3",
    "Points towards the sun.",
    [0.6, 0.65, 0.47],
  ),
  valueNode("NT_IMAGE_RESOLUTION", "PT_INT", "Image resolution", "int3", "Width and height.", [1024, 512, 0]),
  valueNode(
    "NT_TRANSFORM_VALUE",
    "PT_TRANSFORM",
    "Transform value",
    "matrix",
    "A transformation as a matrix.",
  ),
  valueNode("NT_TEX_RGB", "PT_TEXTURE", "RGB colour", "float3", "A colour.", [0.7, 0.7, 0.7]),
  valueNode("NT_TEX_FLOAT", "PT_TEXTURE", "Greyscale colour", "float", "A grey value.", [0.7]),
  {
    ...valueNode("NT_OCIO_VIEW", "PT_OCIO_VIEW", "OCIO view", "string", "A view of the OCIO configuration."),
    attributes: [
      attribute("A_OCIO_DISPLAY_NAME", "string", "Display."),
      attribute("A_OCIO_VIEW_NAME", "string", "View."),
    ],
  },
  {
    ...valueNode("NT_OCIO_LOOK", "PT_OCIO_LOOK", "OCIO look", "string", "A look of the OCIO configuration."),
    attributes: [
      attribute("A_OCIO_LOOK_NAME", "string", "Look."),
      attribute("A_OCIO_USE_VIEW_LOOK", "bool", "Takes the view's own look."),
    ],
  },
  texture("NT_TEX_IMAGE", "RGB image", "Colours from a picture file.", imagePins, fileAttributes),
  texture(
    "NT_TEX_FLOATIMAGE",
    "Greyscale image",
    "Grey values from a picture file.",
    imagePins,
    fileAttributes,
  ),
  texture("NT_TEX_ALPHAIMAGE", "Alpha image", "Opacity from a picture file.", imagePins, fileAttributes),
  texture("NT_TEX_MIX", "Mix texture", "Blends two textures.", [
    grey("P_AMOUNT", "Amount", 0.5, [0, 1], "Share of the second texture."),
    ...twoTextures,
  ]),
  texture("NT_TEX_MULTIPLY", "Multiply texture", "Product of two textures.", twoTextures),
  texture("NT_TEX_ADD", "Add texture", "Sum of two textures.", twoTextures),
  texture("NT_TEX_SUBTRACT", "Subtract texture", "Difference of two textures.", twoTextures),
  texture("NT_TEX_INVERT", "Invert texture", "One minus a texture.", [
    slot("P_TEXTURE", "Texture", "PT_TEXTURE", undefined, "Input."),
  ]),
  texture("NT_TEX_CHECKS", "Checks", "Black and white squares.", [
    slot("P_TRANSFORM", "UV transform", "PT_TRANSFORM", undefined, "Moves the squares."),
  ]),
  texture("NT_TEX_NOISE", "Noise", "Random clouds.", [
    int("P_OCTAVES", "Octaves", 5, [1, 16], "Layers of detail."),
    float("P_OMEGA", "Omega", 0.5, [0, 1], "Strength of the finer layers."),
    bool("P_INVERT", "Invert", false, "Turns black and white round."),
  ]),
  texture("NT_TEX_FALLOFF", "Falloff map", "Grey by the angle of view.", [
    float("P_NORMAL", "Minimum value", 0, [0, 1], "Grey seen face on."),
    float("P_GRAZING", "Maximum value", 1, [0, 1], "Grey seen from the side."),
  ]),
  {
    type: "NT_EMIS_BLACKBODY",
    outType: "PT_EMISSION",
    defaultName: "Blackbody emission",
    category: "Emission",
    description: "Light of a hot body; the simulator does not render emission.",
    attributes: [],
    pins: [
      grey("P_TEX_OR_EFF", "Efficiency", 0.025, [0, 1], "Share of power that becomes light."),
      float("P_POWER", "Power", 100, [0, 1e5], "Power in watts."),
      float("P_TEMPERATURE", "Temperature", 6500, [500, 12000, 1], "Temperature in kelvin."),
    ],
  },
  {
    type: "NT_EMIS_TEXTURE",
    outType: "PT_EMISSION",
    defaultName: "Texture emission",
    category: "Emission",
    description: "Light of a colour; the simulator does not render emission.",
    attributes: [],
    pins: [
      color("P_TEX_OR_EFF", "Texture", [1, 1, 1], "Colour of the light."),
      float("P_POWER", "Power", 100, [0, 1e5], "Power in watts."),
    ],
  },
  {
    type: "NT_MED_ABSORPTION",
    outType: "PT_MEDIUM",
    defaultName: "Absorption",
    category: "Media",
    description: "A medium that swallows light; the simulator does not render media.",
    attributes: [],
    pins: [
      float("P_SCALE", "Density", 100, [0, 1e4], "Density of the medium."),
      color("P_ABSORPTION", "Absorption", [0.3, 0.3, 0.3], "Colour that is swallowed."),
    ],
  },
  {
    type: "NT_LOCAL_APP_PREFS",
    outType: "PT_UNKNOWN",
    defaultName: "Preferences",
    category: "Application",
    description: "Preferences of the application.",
    pins: [],
    attributes: [
      attribute("A_USER_FULL_NAME", "string", "Name of the user."),
      attribute("A_UNDO_STEPS_COUNT", "int", "Undo steps kept.", [20]),
      attribute("A_USE_RELATIVE_PATHS", "bool", "Saves paths relative to the project.", true),
    ],
  },
  {
    type: "NT_PROJECT_SETTINGS",
    outType: "PT_UNKNOWN",
    defaultName: "Project settings",
    category: "Application",
    description: "Settings of the project.",
    pins: [],
    attributes: [attribute("A_FRAMES_PER_SECOND", "float", "Frames per second.", [24])],
  },
  {
    type: "NT_METADATA",
    outType: "PT_UNKNOWN",
    defaultName: "Metadata",
    category: "Application",
    description: "What the project is about.",
    pins: [],
    attributes: [
      attribute("A_DESCRIPTION", "string", "Description."),
      attribute("A_USER_COPYRIGHT", "string", "Copyright."),
      attribute("A_USER_CREDITS", "string", "Credits."),
    ],
  },
];
