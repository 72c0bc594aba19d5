import { group, named, slot } from "./pins.ts";

/** The eleven pins of a render target, in the order of a project file. */
export const slotsOfRenderTarget = [
  ...group("Scene", [
    slot("P_CAMERA", "Camera", "PT_CAMERA", "NT_CAM_THINLENS", "Where the picture is taken from."),
    slot(
      "P_ENVIRONMENT",
      "Environment",
      "PT_ENVIRONMENT",
      "NT_ENV_DAYLIGHT",
      "Light from outside the scene.",
    ),
    slot("P_MESH", "Geometry", "PT_GEOMETRY", undefined, "What is seen."),
  ]),
  ...group("Settings", [
    slot("P_FILM_SETTINGS", "Film settings", "PT_FILM_SETTINGS", "NT_FILM_SETTINGS", "Size of the picture."),
    slot(
      "P_ANIMATION",
      "Animation",
      "PT_ANIMATION_SETTINGS",
      "NT_ANIMATION_SETTINGS",
      "Shutter for motion blur.",
    ),
    slot("P_KERNEL", "Kernel", "PT_KERNEL", "NT_KERN_DIRECTLIGHTING", "How light is computed."),
    slot("P_RENDER_LAYER", "Render layer", "PT_RENDER_LAYER", "NT_RENDER_LAYER", "Which layer is rendered."),
    slot(
      "P_RENDER_PASSES",
      "Render AOV group",
      "PT_RENDER_PASSES",
      "NT_RENDER_PASSES",
      "Passes beside the beauty pass.",
    ),
    named(
      "compositeAovs",
      slot(
        "P_OUTPUT_AOVS",
        "Output AOV group",
        "PT_OUTPUT_AOV_GROUP",
        "NT_OUTPUT_AOV_GROUP",
        "Composed pictures.",
      ),
    ),
    slot("P_IMAGER", "Imager", "PT_IMAGER", "NT_IMAGER_CAMERA", "From light to display."),
    named(
      "postproc",
      slot(
        "P_POST_PROCESSING",
        "Post processing",
        "PT_POSTPROCESSING",
        "NT_POSTPROCESSING",
        "Effects of the lens.",
      ),
    ),
  ]),
];
