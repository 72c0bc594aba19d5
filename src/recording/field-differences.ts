import { fromBinary, type JsonValue, toJson } from "@bufbuild/protobuf";
import type { Contract, ContractMethod } from "../contract/contract.ts";

/** Values of a message's fields by path, `objectPtr.handle`; as JSON text. */
export type Fields = ReadonlyMap<string, string>;

/** The fields of a request to this path; undefined where the type is not known or the bytes are not of it. */
export type FieldReader = (path: string, wire: Uint8Array) => Fields | undefined;

/** Reads requests by the first contract that knows the path. */
export function createFieldReader(contracts: readonly Contract[]): FieldReader {
  const methods = new Map<string, ContractMethod>();
  for (const contract of contracts) {
    for (const service of contract.services.values()) {
      for (const method of service.methods.values()) {
        if (!methods.has(method.path)) methods.set(method.path, method);
      }
    }
  }
  return (path, wire) => {
    const method = methods.get(path);
    if (method === undefined) return undefined;
    const { input } = method.desc;
    try {
      const { registry } = method.service;
      const json = toJson(input, fromBinary(input, wire), { registry, useProtoFieldName: true });
      return new Map(flatten(json, ""));
    } catch {
      // Bytes that are no message of this type are compared as bytes.
      return undefined;
    }
  };
}

export interface FieldDifference {
  readonly path: string;
  readonly asked: string;
  readonly recorded: string;
}

/** What differs, field by field. */
export function compareFields(asked: Fields, recorded: Fields): FieldDifference[] {
  const paths = new Set([...asked.keys(), ...recorded.keys()]);
  return [...paths]
    .filter((path) => asked.get(path) !== recorded.get(path))
    .map((path) => ({
      path,
      asked: shorten(asked.get(path) ?? "nothing"),
      recorded: shorten(recorded.get(path) ?? "nothing"),
    }));
}

function* flatten(value: JsonValue, path: string): Generator<[string, string]> {
  if (typeof value !== "object" || value === null) {
    yield [path, JSON.stringify(value)];
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    const step = Array.isArray(value) ? `[${key}]` : path === "" ? key : `.${key}`;
    yield* flatten(inner as JsonValue, path + step);
  }
}

function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 37)}...`;
}
