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
  readonly color: Vec3;
  /** Colour of the mirror lobe of glossy, tint of transmission for glass. */
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
  /** RGBA8 after imager and sRGB curve. Made on first use. */
  ldr(): Buffer;
  readonly samples: number;
  readonly maxSamples: number;
  readonly samplesPerSecond: number;
  readonly renderTimeSeconds: number;
  /** Grows with every restart. */
  readonly changeLevel: number;
  readonly hasPendingUpdates: boolean;
}

/** Renders settings progressively; the path tracer and the test pattern both implement it. */
export interface RenderEngine {
  readonly state: EngineState;
  /** The newest image; undefined before the first. */
  readonly image: RenderImage | undefined;
  /** New settings; restarts unless only the imager changed. Undefined: nothing to render, stops. */
  update(settings: RenderSettings | undefined): void;
  restart(): void;
  pause(): void;
  resume(): void;
  stop(): void;
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
  /** Called for each new image, at most `fps` times a second. Returns the way to stop. */
  onImage(listener: (image: RenderImage) => void): () => void;
  onStateChange(listener: (state: EngineState) => void): () => void;
  /** Resolves when workers and timers are gone. Idempotent. */
  close(): Promise<void>;
}
