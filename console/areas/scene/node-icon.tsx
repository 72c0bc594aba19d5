/** Paths on a field of 16 by 16, by what a node is for. */
const paths = {
  graph: "M1.5 4.5h5l1.5 2h6.5v7h-13zM1.5 4.5v-2h4l1 2",
  target:
    "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 6.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM8 1v2M8 13v2M1 8h2M13 8h2",
  camera: "M1.5 5h3l1-1.5h5l1 1.5h3v8h-13zM8 6.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  light:
    "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.5 1.5M11.5 11.5 13 13M13 3l-1.5 1.5M4.5 11.5 3 13",
  geometry: "M8 1.8 14 5v6l-6 3.2L2 11V5zM2 5l6 3.2L14 5M8 8.2v6",
  material: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM5 7a3.5 3.5 0 0 1 2.5-2.5",
  texture: "M2.5 2.5h11v11h-11zM8 2.5v11M2.5 8h11",
  kernel:
    "M4.5 4.5h7v7h-7zM6.5 1.5v3M9.5 1.5v3M6.5 11.5v3M9.5 11.5v3M1.5 6.5h3M1.5 9.5h3M11.5 6.5h3M11.5 9.5h3",
  film: "M2 3h12v10H2zM5 3v10M11 3v10M2 6.3h3M2 9.6h3M11 6.3h3M11 9.6h3",
  imager: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 2l3 5.2M14 8H8M11 13.2 8 8M5 13.2l-3-5.2M2 8l6-6M5 2.8 8 8",
  layers: "M8 2 14.5 5.5 8 9 1.5 5.5zM1.5 8.5 8 12l6.5-3.5M1.5 11.2 8 14.7l6.5-3.5",
  animation: "M2 8a6 6 0 1 0 12 0A6 6 0 0 0 2 8zM8 4.5V8l2.5 1.5",
  transform: "M3 13V3M3 13h10M1.5 4.5 3 3l1.5 1.5M11.5 11.5 13 13l-1.5 1.5M3 13l6-6",
  volume: "M4.5 12a3 3 0 0 1 0-6 4 4 0 0 1 7.5-.5A3.3 3.3 0 0 1 11.5 12z",
  number: "M6 2.5 4.5 13.5M11.5 2.5 10 13.5M2.5 6h11M2 10h11",
  switch: "M5 4.5h6a3.5 3.5 0 0 1 0 7H5a3.5 3.5 0 0 1 0-7zM11 6.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z",
  choice: "M2.5 4h.01M2.5 8h.01M2.5 12h.01M5.5 4h8M5.5 8h8M5.5 12h8",
  text: "M3 4V2.5h10V4M8 2.5v11M6 13.5h4",
  other: "M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
} as const;

type NodeIconName = keyof typeof paths;

/** The first pattern that fits a type tells its icon. */
const kinds: readonly (readonly [RegExp, NodeIconName])[] = [
  [/^GT_/, "graph"],
  [/RENDERTARGET/, "target"],
  [/^NT_CAM/, "camera"],
  [/^NT_KERN/, "kernel"],
  [/SUN|LIGHT|^NT_ENV|EMISSION|EMIT/, "light"],
  [/^NT_GEO|MESH|PLACEMENT|SCATTER/, "geometry"],
  [/^NT_MAT|ROUND_EDGES/, "material"],
  [/^NT_TEX|^NT_OSL/, "texture"],
  [/FILM|RESOLUTION/, "film"],
  [/IMAGER|POSTPROC|OCIO|LUT/, "imager"],
  [/LAYER|PASSES|AOV/, "layers"],
  [/ANIMATION|TIME/, "animation"],
  [/TRANSFORM|PROJ/, "transform"],
  [/MEDIUM|MED_|VOLUME/, "volume"],
  [/^NT_(FLOAT|INT)\b/, "number"],
  [/^NT_BOOL/, "switch"],
  [/^NT_(ENUM|BIT_MASK)/, "choice"],
  [/^NT_(STRING|FILE)/, "text"],
];

/** Beside the node's label; its type stands there in words. */
export function NodeIcon({ type }: { readonly type: string }) {
  const name = kinds.find(([pattern]) => pattern.test(type))?.[1] ?? "other";
  return (
    <svg class={`icon scene-icon is-${name}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
