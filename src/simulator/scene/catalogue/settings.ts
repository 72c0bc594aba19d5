import { attribute } from "./attributes.ts";
import { lightIdLabels } from "./environment.ts";
import { bool, choice, color, float, group, int, mask, slot, withDefault } from "./pins.ts";
import { slotsOfRenderTarget } from "./render-target.ts";
import type { NodeTypeSpec } from "./spec.ts";

export const renderTarget: NodeTypeSpec = {
  type: "NT_RENDERTARGET",
  outType: "PT_RENDERTARGET",
  defaultName: "Render target",
  category: "Render target",
  description: "Everything that one picture needs: camera, light, geometry and settings.",
  attributes: [],
  pins: slotsOfRenderTarget,
};

export const filmSettings: NodeTypeSpec = {
  type: "NT_FILM_SETTINGS",
  outType: "PT_FILM_SETTINGS",
  defaultName: "Film settings",
  category: "Render target",
  description: "Size of the picture and the part of it that is rendered.",
  attributes: [],
  pins: [
    ...group("Resolution", [
      withDefault(
        "NT_IMAGE_RESOLUTION",
        int("P_RESOLUTION", "Resolution", [1024, 512], [4, 65536], "Width and height in pixels."),
      ),
      int("P_REGION_OFFSET", "Region start", [0, 0], [0, 65536], "Left upper corner of the rendered region."),
      int("P_REGION_SIZE", "Region size", [65536, 65536], [4, 65536], "Size of the rendered region."),
      bool(
        "P_LOCK_RELATIVE_REGION",
        "Lock relative region",
        false,
        "Keeps the region's share when the size changes.",
      ),
    ]),
    ...group("Rendering", [
      int("P_RANDOM_SEED", "Random seed", 0, [0, 65535], "Start of the random numbers."),
      choice(
        "P_FILM_UPSAMPLING_MODE",
        "Up-sampling",
        0,
        ["None", "2 x 2", "4 x 4"],
        "Renders fewer pixels and enlarges.",
      ),
    ]),
  ],
};

export const animationSettings: NodeTypeSpec = {
  type: "NT_ANIMATION_SETTINGS",
  outType: "PT_ANIMATION_SETTINGS",
  defaultName: "Animation settings",
  category: "Render target",
  description: "How long the shutter is open, for motion blur.",
  attributes: [],
  pins: [
    choice(
      "P_SHUTTER_ALIGNMENT",
      "Shutter alignment",
      1,
      ["Before", "Symmetric", "After"],
      "Where the shutter is about the frame.",
    ),
    float("P_SHUTTER_TIME", "Shutter time", 20, [0, 1e5], "Open time in percent of the time between frames."),
    float("P_SUBFRAME_START", "Subframe start", 0, [0, 100], "Start within the shutter time in percent."),
    float("P_SUBFRAME_END", "Subframe end", 100, [0, 100], "End within the shutter time in percent."),
  ],
};

export const renderLayer: NodeTypeSpec = {
  type: "NT_RENDER_LAYER",
  outType: "PT_RENDER_LAYER",
  defaultName: "Render layer",
  category: "Render target",
  description: "Renders one layer of the scene with the light of the others.",
  attributes: [],
  pins: [
    bool("P_ENABLED", "Enabled", false, "Renders only the active layer."),
    int("P_LAYER_ID", "Active layer ID", 1, [1, 255], "Layer that is rendered."),
    bool("P_INVERT", "Invert", false, "Renders all layers but the active one."),
    choice(
      "P_MODE",
      "Mode",
      0,
      ["Normal", "Hide inactive layers", "Only side effects"],
      "What other layers do.",
    ),
  ],
};

export const outputAovGroup: NodeTypeSpec = {
  type: "NT_OUTPUT_AOV_GROUP",
  outType: "PT_OUTPUT_AOV_GROUP",
  defaultName: "Output AOV group",
  category: "Render target",
  description: "Pictures that are composed from render passes.",
  attributes: [attribute("A_AOV_COUNT", "int", "Number of output AOVs.")],
  pins: [
    bool(
      "P_LOCK_RENDER_AOVS",
      "Lock render AOVs",
      false,
      "Keeps the render passes as they are while composing.",
    ),
  ],
  counted: {
    attribute: "A_AOV_COUNT",
    pin: {
      ...slot("P_UNKNOWN", "Output AOV", "PT_OUTPUT_AOV", undefined, "One composed picture."),
      name: "outputAov",
    },
  },
};

export const imager: NodeTypeSpec = {
  type: "NT_IMAGER_CAMERA",
  outType: "PT_IMAGER",
  defaultName: "Imager",
  category: "Render target",
  description: "From light to display: exposure, tone mapping, denoising.",
  attributes: [],
  pins: [
    ...group("Imager", [
      float("P_EXPOSURE", "Exposure", 1, [0.001, 4096], "Factor on the light before display."),
      float("P_HOTPIXEL_REMOVAL", "Hot pixel removal", 1, [0, 1], "Lower removes more stray bright pixels."),
      float("P_VIGNETTING", "Vignetting", 0, [0, 1], "Darkens the corners."),
      float("P_WHITE_BALANCE", "White point", [1, 1, 1], [0, 1], "Colour that is shown as white.", true),
      float("P_SATURATION", "Saturation", 1, [0, 4], "0 is grey, 1 as it is."),
      bool("P_PREMULTIPLIED_ALPHA", "Pre-multiplied alpha", false, "Multiplies colour by alpha."),
      bool("P_DISABLE_PARTIAL_ALPHA", "Disable partial alpha", false, "Makes every touched pixel opaque."),
      bool("P_DITHERING", "Dithering", false, "Hides bands in smooth gradients."),
      int("P_MIN_DISPLAY_SAMPLES", "Min. display samples", 1, [1, 32], "Samples before the first picture."),
      int("P_MAX_TONEMAP_INTERVAL", "Max. image interval", 20, [1, 120], "Seconds between pictures at most."),
    ]),
    ...group("OCIO", [
      slot("P_OCIO_VIEW", "OCIO view", "PT_OCIO_VIEW", "NT_OCIO_VIEW", "View transform for the display."),
      slot("P_OCIO_LOOK", "OCIO look", "PT_OCIO_LOOK", "NT_OCIO_LOOK", "Look applied before the view."),
      bool(
        "P_OCIO_FORCE_TONE_MAPPING",
        "Force tone mapping",
        false,
        "Applies tone mapping also with an OCIO view.",
      ),
    ]),
    ...group("Tone mapping", [
      bool(
        "P_ACES_TONE_MAPPING",
        "ACES tone mapping",
        false,
        "Uses the curve of ACES instead of those below.",
      ),
      float("P_HIGHLIGHT_COMPRESSION", "Highlight compression", 0, [0, 1], "Compresses bright parts."),
      float("P_SATURATE_TO_WHITE", "Saturate to white", 0, [0, 1], "Turns over-bright colours to white."),
      choice(
        "P_ORDER",
        "Order",
        0,
        ["Response, gamma, LUT", "LUT, response, gamma"],
        "Order of the steps below.",
      ),
      choice(
        "P_RESPONSE",
        "Response",
        0,
        ["Linear/off", "Film A", "Film B", "Film C"],
        "Response of the film.",
      ),
      bool("P_NEUTRAL_RESPONSE", "Neutral response", true, "Takes the tint out of the response."),
      float("P_GAMMA", "Gamma", 1, [0.1, 32], "Extra gamma; 1 is none."),
      slot("P_LUT", "Custom LUT", "PT_LUT", "NT_LUT_CUSTOM", "Look-up table for colours."),
    ]),
    ...group("Denoiser", [
      bool("P_DENOISER", "Enable denoising", false, "Takes out noise with a learned filter."),
      choice("P_DENOISER_TYPE", "Denoiser type", 0, ["Spectral", "Open image"], "Which filter."),
      bool("P_DENOISE_VOLUME", "Denoise volumes", false, "Filters volumes too."),
      bool("P_DENOISE_ONCE", "Denoise on completion", true, "Filters only when all samples are there."),
      int(
        "P_MIN_DENOISER_SAMPLES",
        "Min. denoiser samples",
        10,
        [1, 100_000],
        "Samples before the first filtering.",
      ),
      int(
        "P_MAX_DENOISER_INTERVAL",
        "Max. denoiser interval",
        20,
        [1, 120],
        "Seconds between filterings at most.",
      ),
      float("P_DENOISER_ORIGINAL_BLEND", "Blend", 0, [0, 1], "Share of the unfiltered picture."),
    ]),
    ...group("Up-sampler", [
      choice("P_UPSAMPLER_TYPE", "Up-sampler", 0, ["None", "2 x 2", "4 x 4"], "How the picture is enlarged."),
      bool(
        "P_UPSAMPLING_ON_COMPLETION",
        "Up-sample on completion",
        true,
        "Enlarges only when all samples are there.",
      ),
      int(
        "P_MIN_UPSAMPLING_SAMPLES",
        "Min. up-sampler samples",
        10,
        [1, 100_000],
        "Samples before the first enlarging.",
      ),
      int(
        "P_MAX_UPSAMPLING_INTERVAL",
        "Max. up-sampler interval",
        10,
        [1, 120],
        "Seconds between enlargings at most.",
      ),
    ]),
  ],
};

export const lookUpTable: NodeTypeSpec = {
  type: "NT_LUT_CUSTOM",
  outType: "PT_LUT",
  defaultName: "Custom LUT",
  category: "Render target",
  description: "A table of colours loaded from a file.",
  attributes: [
    attribute("A_FILENAME", "filename", "File of the table."),
    attribute("A_TITLE", "string", "Title of the table."),
  ],
  pins: [float("P_STRENGTH", "Strength", 1, [0, 1], "Share of the table's colour.")],
};

export const postProcessing: NodeTypeSpec = {
  type: "NT_POSTPROCESSING",
  outType: "PT_POSTPROCESSING",
  defaultName: "Post processing",
  category: "Render target",
  description: "Bloom, glare and other effects of lenses and air.",
  attributes: [],
  pins: [
    ...group("Post processing", [
      bool("P_ON_OFF", "Enable", false, "Applies the effects below."),
      float("P_CUTOFF", "Cutoff", 0, [0, 1000], "Light below this makes no bloom or glare."),
      bool("P_SCALE_WITH_FILM", "Scale with film", true, "Effects grow with the picture."),
    ]),
    ...group("Bloom and glare", [
      float("P_BLOOM_POWER", "Bloom power", 1, [0.001, 10_000], "Strength of the glow."),
      float("P_GLARE_POWER", "Glare power", 0.01, [0.001, 10_000], "Strength of the rays."),
      int("P_GLARE_RAY_AMOUNT", "Glare ray count", 3, [1, 8], "Number of rays."),
      float("P_GLARE_ANGLE", "Glare angle", 15, [-90, 90], "Turns the rays, in degrees."),
      float("P_GLARE_BLUR", "Glare blur", 0.001, [0.001, 0.2, 0.001], "Softness of the rays."),
      float("P_SPECTRAL_INTENSITY", "Spectral intensity", 0, [0, 1], "Rainbow in the rays."),
      float("P_SPECTRAL_SHIFT", "Spectral shift", 2, [1, 6], "Moves the rainbow."),
    ]),
    ...group("Lens", [
      float(
        "P_CHROMATIC_ABERRATION_INTENSITY",
        "Chromatic aberration",
        0,
        [0, 1],
        "Coloured fringes at the edges.",
      ),
      float("P_LENS_FLARE", "Lens flare", 0, [0, 1], "Reflections between the lenses."),
      float("P_LENS_FLARE_EXTENT", "Lens flare extent", 2, [1, 10], "How far the reflections reach."),
    ]),
    ...group("Fog", [
      float("P_POSTFX_FOG_STRENGTH", "Fog strength", 0, [0, 1], "How dense the fog looks."),
      float("P_POSTFX_FOG_EXPONENT", "Fog exponent", 1, [0.1, 10], "How fast it thickens with distance."),
      slot(
        "P_POST_VOLUME",
        "Post volume",
        "PT_POST_VOLUME",
        "NT_POST_VOLUME",
        "Fog and light beams with height.",
      ),
    ]),
  ],
};

export const postVolume: NodeTypeSpec = {
  type: "NT_POST_VOLUME",
  outType: "PT_POST_VOLUME",
  defaultName: "Post volume",
  category: "Render target",
  description: "Fog and light beams that are added after rendering.",
  attributes: [],
  pins: [
    ...group("Light beams", [
      bool("P_POSTFX_LIGHT_BEAMS_ENABLED", "Light beams", false, "Shows beams where light passes by."),
      float(
        "P_POSTFX_LIGHT_BEAMS_MEDIUM_DENSITY",
        "Beam density",
        1,
        [0, 100],
        "Density of what the beams shine on.",
      ),
      mask("P_LIGHT_PASS_MASK", "Light pass mask", lightIdLabels, "Lights that make beams."),
    ]),
    ...group("Fog", [
      float(
        "P_POSTFX_FOG_ENV_CONTRIBUTION",
        "Environment contribution",
        1,
        [0, 1],
        "Share of the sky's colour.",
      ),
      float("P_POSTFX_FOG_BASE_LEVEL", "Base level", 0, [-1000, 1000], "Height at which the fog is densest."),
      float(
        "P_POSTFX_FOG_HALF_DENSITY_HEIGHT",
        "Half density height",
        1,
        [0.01, 1000],
        "Height over which it halves.",
      ),
      float(
        "P_POSTFX_FOG_EXTINCTION_DISTANCE",
        "Extinction distance",
        1000,
        [0.1, 1e6],
        "Distance at which all is fog.",
      ),
      float("P_VOLUME_PADDING", "Padding", 0, [0, 1], "Room around the volume."),
    ]),
    ...group("Noise", [
      float("P_DENSITY", "Density", 1, [0, 100], "Factor on the density."),
      float("P_SCALE", "Scale", 1, [0.001, 1000], "Size of the clouds."),
      float("P_NOISE_SCALE", "Noise scale", 1, [0, 100], "Strength of the clouds."),
      int("P_STEPS", "Steps", 4, [1, 16], "Layers of noise."),
      float("P_INTENSITY", "Intensity", 1, [0, 10], "Brightness of the volume."),
      float("P_FALLOFF", "Falloff", 1, [0, 10], "Softness of its edge."),
    ]),
  ],
};

export const objectLayer: NodeTypeSpec = {
  type: "NT_OBJECTLAYER",
  outType: "PT_OBJECTLAYER",
  defaultName: "Object layer",
  category: "Geometry",
  description: "Visibility and layer of an object.",
  attributes: [],
  pins: [
    int("P_LAYER_ID", "Layer ID", 1, [1, 255], "Layer that the object is in."),
    float("P_GENERAL_VISIBILITY", "General visibility", 1, [0, 1], "0 hides the object."),
    bool("P_CAMERA_VISIBILITY", "Camera visibility", true, "Seen by the camera."),
    bool("P_SHADOW_VISIBILITY", "Shadow visibility", true, "Casts shadows."),
    int("P_RANDOM_SEED", "Random colour seed", 0, [0, 65535], "Start of the object's random colour."),
    color("P_OBJECT_COLOR", "Colour", [1, 1, 1], "Colour of the object in its pass."),
    mask("P_LIGHT_PASS_MASK", "Light pass mask", lightIdLabels, "Lights that shine on the object."),
  ],
};
