import { create, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { ProxyError } from "../errors.ts";

export type Vector = readonly [number, number, number];

/** LiveLink's camera; what is absent stays as it is in Octane. */
export interface CameraPose {
  readonly position?: Vector | undefined;
  readonly target?: Vector | undefined;
  readonly up?: Vector | undefined;
  /** Degrees. */
  readonly fov?: number | undefined;
}

const vectorNames = ["position", "target", "up"] as const;

/**
 * A pose as clients send it: vectors as `[x, y, z]` or `{x, y, z}`.
 * @throws ProxyError `invalid_field` with the field's path.
 */
export function parseCameraPose(value: Readonly<Record<string, unknown>>): CameraPose {
  const [position, target, up] = vectorNames.map((name) => parseVector(value[name], name));
  const fov = value.fov === undefined || value.fov === null ? undefined : parseNumber(value.fov, "fov");
  if (position === undefined && target === undefined && up === undefined && fov === undefined) {
    throw new ProxyError("invalid_field", 'expected a camera pose with "position", "target", "up" or "fov"', {
      field: "position",
    });
  }
  if (fov !== undefined && (fov <= 0 || fov >= 180)) {
    throw new ProxyError("invalid_field", `expected degrees between 0 and 180 in "fov", got ${fov}`, {
      field: "fov",
    });
  }
  return { position, target, up, fov };
}

/** Wire bytes of a `CameraState`. */
export function writeCameraPose(desc: DescMessage, pose: CameraPose): Uint8Array {
  const message = reflect(desc, create(desc));
  for (const name of vectorNames) {
    const vector = pose[name];
    const field = message.fields.find((candidate) => candidate.name === name);
    if (vector === undefined || field?.fieldKind !== "message") continue;
    const child = reflect(field.message, create(field.message));
    for (const [index, axis] of ["x", "y", "z"].entries()) {
      const axisField = child.fields.find((candidate) => candidate.name === axis);
      if (axisField?.fieldKind === "scalar") child.set(axisField, vector[index]);
    }
    message.set(field, child);
  }
  const fov = message.fields.find((candidate) => candidate.name === "fov");
  if (pose.fov !== undefined && fov?.fieldKind === "scalar") message.set(fov, pose.fov);
  return toBinary(desc, message.message);
}

/** @throws an error when the bytes are no `CameraState`. */
export function readCameraPose(desc: DescMessage, wire: Uint8Array): CameraPose {
  const message = reflect(desc, fromBinary(desc, wire));
  const [position, target, up] = vectorNames.map((name) => readVector(message, name));
  const fov = message.fields.find((candidate) => candidate.name === "fov");
  return {
    position,
    target,
    up,
    fov: fov?.fieldKind === "scalar" && message.isSet(fov) ? (message.get(fov) as number) : undefined,
  };
}

function readVector(message: ReflectMessage, name: string): Vector | undefined {
  const field = message.fields.find((candidate) => candidate.name === name);
  if (field?.fieldKind !== "message" || !message.isSet(field)) return undefined;
  const child = message.get(field);
  const axis = (axisName: string) => {
    const axisField = child.fields.find((candidate) => candidate.name === axisName);
    return axisField?.fieldKind === "scalar" ? Number(child.get(axisField)) : 0;
  };
  return [axis("x"), axis("y"), axis("z")];
}

function parseVector(value: unknown, name: string): Vector | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.length === 3) {
    return [
      parseNumber(value[0], `${name}[0]`),
      parseNumber(value[1], `${name}[1]`),
      parseNumber(value[2], `${name}[2]`),
    ];
  }
  if (typeof value === "object" && !Array.isArray(value)) {
    const { x, y, z } = value as Record<string, unknown>;
    return [parseNumber(x, `${name}.x`), parseNumber(y, `${name}.y`), parseNumber(z, `${name}.z`)];
  }
  throw new ProxyError("invalid_field", `expected [x, y, z] in "${name}", got ${describe(value)}`, {
    field: name,
  });
}

function parseNumber(value: unknown, field: string): number {
  // The wire has 32-bit floats: what does not fit would arrive as infinity.
  if (typeof value === "number" && Number.isFinite(Math.fround(value))) return value;
  throw new ProxyError("invalid_field", `expected a finite number in "${field}", got ${describe(value)}`, {
    field,
  });
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  return (JSON.stringify(value) ?? typeof value).slice(0, 40);
}
