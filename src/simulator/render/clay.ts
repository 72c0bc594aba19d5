import type { ClayMode, RenderMaterial, Vec3 } from "./render-engine.ts";

const clayGrey: Vec3 = [0.6, 0.6, 0.6];

/** The material as clay mode shows it: matt, in grey or in its own colour; what is see-through stays so. */
export function applyClay(material: RenderMaterial, mode: ClayMode): RenderMaterial {
  if (mode === "none") return material;
  const own = material.kind === "glass" ? material.specular : material.color;
  return {
    kind: "diffuse",
    color: mode === "grey" ? clayGrey : own,
    specular: [0, 0, 0],
    roughness: 0,
    indexOfRefraction: 1,
    opacity: material.opacity,
  };
}
