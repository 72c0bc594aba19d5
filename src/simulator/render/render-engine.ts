export type Vec3 = readonly [number, number, number];

/** A triangle mesh in world space. */
export interface RenderMesh {
  /** Changes when and only when the arrays do, so that workers keep their BVH. */
  readonly geometryKey: string;
  /** x, y, z per vertex. */
  readonly positions: Float32Array;
  /** x, y, z per vertex, unit length. */
  readonly normals: Float32Array;
  /** Three vertex indices per triangle. */
  readonly indices: Uint32Array;
  readonly material: RenderMaterial;
}

/** Colours are linear sRGB, 0..1. */
export interface RenderMaterial {
  readonly kind: "diffuse" | "glossy" | "glass";
  /** What diffuse and glossy scatter; glass does not use it. */
  readonly color: Vec3;
  /** Colour of the mirror lobe of glossy, tint of light that goes through a surface of glass (1, 1, 1 is clear). */
  readonly specular: Vec3;
  /** 0 mirror .. 1 rough. */
  readonly roughness: number;
  readonly indexOfRefraction: number;
  /** 0 invisible .. 1. */
  readonly opacity: number;
}

export interface RenderCamera {
  readonly position: Vec3;
  readonly target: Vec3;
  readonly up: Vec3;
  /** Horizontal field of view, degrees. */
  readonly fovDegrees: number;
  /** Lens radius in scene units; 0 is a pinhole. */
  readonly aperture: number;
  /** Distance in focus, scene units; 0 means the distance to the target. */
  readonly focalDepth: number;
}

export type RenderEnvironment =
  | {
      readonly kind: "daylight";
      /** Unit vector towards the sun. */
      readonly sunDirection: Vec3;
      readonly turbidity: number;
      readonly power: number;
    }
  | { readonly kind: "texture"; readonly color: Vec3; readonly power: number };

/** Everything the picture depends on, read from the scene's nodes. Plain data: it is posted to workers. */
export interface RenderSettings {
  readonly width: number;
  readonly height: number;
  readonly camera: RenderCamera;
  readonly meshes: readonly RenderMesh[];
  readonly environment: RenderEnvironment;
  readonly maxSamples: number;
  /** Linear gain and display gamma (1 is plain sRGB); they restart nothing. */
  readonly imager: { readonly exposure: number; readonly gamma: number };
}

export type ClayMode = "none" | "grey" | "coloured";
export type RenderRegion = {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
};

/** RenderState of the wire contract, by meaning. */
export type EngineState = "stopped" | "rendering" | "paused" | "finished";

/** A finished pass over the film. */
export interface RenderImage {
  readonly width: number;
  readonly height: number;
  /** RGBA, linear, before the imager, rows top-down; `width * height * 4`. Read-only. */
  readonly linear: Float32Array;
  /** Gain that the imager gives to `linear`; HDR images have it applied, but neither gamma nor curve. */
  readonly exposure: number;
  /** RGBA8 after imager and sRGB curve. Made on first use. Read-only. */
  ldr(): Buffer;
  /** Per pixel, at the pixel that has least; a fraction until the first sample has reached every pixel. */
  readonly samples: number;
  readonly maxSamples: number;
  /** Paths traced per second over the whole film. */
  readonly samplesPerSecond: number;
  readonly renderTimeSeconds: number;
  /** Grows with every restart. */
  readonly changeLevel: number;
  readonly hasPendingUpdates: boolean;
}

/** How an image source wants its images put on the wire, whatever the tonemap settings say: for conversion tests. */
export interface ImageOutput {
  readonly imageType: PlainImageType;
  /** Pixels of padding at the end of each row. */
  readonly rowPadding: number;
}

/** The image types of the wire contract that hold plain pixels, without their `IMAGE_TYPE_`. */
export type PlainImageType =
  | "LDR_RGBA"
  | "LDR_MONO"
  | "LDR_MONO_ALPHA"
  | "HDR_RGBA"
  | "HDR_MONO"
  | "HDR_MONO_ALPHA"
  | "HALF_RGBA"
  | "HALF_MONO"
  | "HALF_MONO_ALPHA";

/** What a ray through a film pixel met first. */
export interface RenderPick {
  /** Index into the settings' meshes. */
  readonly mesh: number;
  readonly triangle: number;
  /** From the camera, scene units. */
  readonly depth: number;
  readonly position: Vec3;
  readonly geometricNormal: Vec3;
  readonly smoothNormal: Vec3;
  /** The triangle's corners. */
  readonly corners: readonly [Vec3, Vec3, Vec3];
}

/** Renders settings progressively; the path tracer and the test pattern both implement it. */
export interface RenderEngine {
  readonly state: EngineState;
  readonly settings: RenderSettings | undefined;
  /** Set by sources that are told how to put their images on the wire. */
  readonly output: ImageOutput | undefined;
  /** Most images per second; 0 delivers none on its own. */
  fps: number;
  /** The newest image; undefined before the first. */
  readonly image: RenderImage | undefined;
  /**
   * New settings; restarts unless only the imager changed, and does nothing where they say the same as before. While
   * paused or stopped it waits for `resume` or `restart`. Undefined: nothing to render.
   */
  update(settings: RenderSettings | undefined): void;
  restart(): void;
  /** Keeps the image; `resume` goes on from there. */
  pause(): void;
  resume(): void;
  stop(): void;
  /** Film pixel, top-down; undefined where nothing is hit. */
  pick(x: number, y: number): RenderPick | undefined;
  setClayMode(mode: ClayMode): void;
  /** Film pixels, inclusive..exclusive; undefined renders all. */
  setRegion(region: RenderRegion | undefined): void;
  /** 1, 2 or 4: renders one pixel in n by n, enlarged. */
  setSubSampling(factor: 1 | 2 | 4): void;
  setPriority(priority: "low" | "medium" | "high"): void;
  readonly clayMode: ClayMode;
  readonly region: RenderRegion | undefined;
  readonly subSampling: 1 | 2 | 4;
  readonly priority: "low" | "medium" | "high";
  /** Called for each new image, at most `fps` times a second beside the first one after a change. Returns the way to stop. */
  onImage(listener: (image: RenderImage) => void): () => void;
  onStateChange(listener: (state: EngineState) => void): () => void;
  /** Rendering broke down; the engine is stopped. `restart` tries again. */
  onFailure(listener: (error: Error) => void): () => void;
  /** Resolves when workers and timers are gone. Idempotent. */
  close(): Promise<void>;
}
