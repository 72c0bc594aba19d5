import { bool, choice, color, float, group, int } from "./pins.ts";
import type { NodeTypeSpec } from "./spec.ts";

/** The camera of the sample scene: 29 pins. */
export const thinLensCamera: NodeTypeSpec = {
  type: "NT_CAM_THINLENS",
  outType: "PT_CAMERA",
  defaultName: "Thin lens camera",
  category: "Cameras",
  description: "A perspective or orthographic camera with a lens of finite size.",
  attributes: [],
  pins: [
    ...group("Physical camera", [
      float("P_SENSOR_WIDTH", "Sensor width", 36, [1, 100, 0.1], "Width of the sensor in millimetres."),
      float(
        "P_FOCAL_LENGTH",
        "Focal length",
        50,
        [10, 1200, 0.1],
        "Focal length of the lens in millimetres.",
      ),
      float("P_FSTOP", "F-stop", 2.8, [0.5, 1000, 0.1], "Focal length divided by the opening of the lens."),
    ]),
    ...group("Viewing angle", [
      float("P_FOV", "Field of view", 39.597752, [1, 179, 0.1], "Horizontal viewing angle in degrees."),
      float("P_SCALE", "Scale of view", 17.144, [0.01, 1000], "Width of the view of an orthographic camera."),
      float("P_DISTORTION", "Distortion", 0, [0, 1], "How much the picture bulges towards its edges."),
      float(
        "P_LENS_SHIFT",
        "Lens shift",
        [0, 0],
        [-100, 100],
        "Moves the picture in the plane of the sensor.",
      ),
      bool("P_PERSPECTIVE_CORRECTION", "Perspective correction", false, "Keeps upright lines parallel."),
      float("P_PIXEL_ASPECT_RATIO", "Pixel aspect ratio", 1, [0.1, 10], "Width of a pixel by its height."),
      bool("P_ORTHOGRAPHIC", "Orthographic", false, "Looks along parallel lines, without perspective."),
    ]),
    ...group("Clipping", [
      float("P_NEAR_CLIP_DEPTH", "Near clip depth", 0, [0, 1e6], "What is nearer than this is not seen."),
      float("P_FAR_CLIP_DEPTH", "Far clip depth", 1e6, [0, 1e6], "What is farther than this is not seen."),
    ]),
    ...group("Depth of field", [
      bool("P_AUTOFOCUS", "Auto-focus", true, "Focuses on what is in the middle of the picture."),
      float("P_FOCAL_DEPTH", "Focal depth", 23.8, [1e-4, 1e6], "Distance of the plane that is in focus."),
      float(
        "P_APERTURE",
        "Aperture",
        0,
        [0, 100],
        "Radius of the lens opening in centimetres; 0 is a pinhole.",
      ),
      float(
        "P_APERTURE_ASPECT_RATIO",
        "Aperture aspect ratio",
        1,
        [0.1, 10],
        "Stretches blurred highlights.",
      ),
      float(
        "P_APERTURE_EDGE",
        "Aperture edge",
        1,
        [1, 3],
        "Gathers the light of blurred spots at their rim.",
      ),
      int("P_BOKEH_SIDECOUNT", "Bokeh side count", 6, [3, 12], "Corners of a blurred highlight."),
      float("P_BOKEH_ROTATION", "Bokeh rotation", 0, [-1, 1], "Turns blurred highlights."),
      float("P_BOKEH_ROUNDEDNESS", "Bokeh roundedness", 1, [0, 1], "From polygons (0) to discs (1)."),
    ]),
    ...group("Position", [
      float("P_POSITION", "Position", [1.1445, 11.985, 20.6075], [-1e6, 1e6], "Where the camera stands."),
      float("P_TARGET", "Target", [0.1784, 1.3363, -0.6682], [-1e6, 1e6], "What the camera looks at."),
      float("P_UP", "Up-vector", [0, 1, 0], [-1, 1], "Which way is up for the camera."),
    ]),
    ...group("Stereo", [
      choice(
        "P_STEREO_OUTPUT",
        "Stereo output",
        0,
        ["Disabled", "Left eye", "Right eye", "Side by side"],
        "Which eyes are rendered, and how they share the picture.",
      ),
      choice("P_STEREO_MODE", "Stereo mode", 0, ["Off-axis", "Parallel"], "How the two eyes look."),
      float("P_STEREO_DIST", "Eye distance", 0.02, [0.001, 100], "Distance between the eyes in metres."),
      bool("P_STEREO_SWAP_EYES", "Swap eyes", false, "Exchanges left and right."),
      color("P_LEFT_FILTER", "Left stereo filter", [1, 0, 0.812], "Colour of the left eye in anaglyphs."),
      color("P_RIGHT_FILTER", "Right stereo filter", [0, 1, 0.188], "Colour of the right eye in anaglyphs."),
    ]),
  ],
};
