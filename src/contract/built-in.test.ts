import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { packageRoot } from "../package.ts";
import { generatedFile, loadBuiltIn } from "./built-in.ts";
import type { ContractService, Generation } from "./contract.ts";
import { precompile } from "./precompile.ts";

interface Pinned {
  readonly services: Readonly<Record<string, { readonly methods: number; readonly digest: string }>>;
  /** All messages and enums, also those that no method uses. */
  readonly types: { readonly count: number; readonly digest: string };
}

/** Made from the table of wire facts, not from our own files. */
const pinned = JSON.parse(
  readFileSync(new URL("test/fixtures/contract/built-in-digests.json", packageRoot), "utf8"),
) as Record<Generation, Pinned>;

const rpcCounts: readonly [Generation, number][] = [
  ["alpha5", 579],
  ["beta2", 478],
];

for (const [generation, methods] of rpcCounts) {
  describe(`built-in contract of ${generation}`, () => {
    const contract = loadBuiltIn(generation);

    it(`has 24 services with ${methods} methods and leaves nothing out`, () => {
      assert.deepEqual(contract.report, {
        sources: [{ source: "built-in", files: contract.report.sources[0]?.files, services: 24, methods }],
        leftOut: [],
      });
      assert.equal(contract.services.size, 24);
      assert.deepEqual([...contract.services.keys()], [...contract.services.keys()].sort());
    });

    for (const [name, expected] of Object.entries(pinned[generation].services)) {
      it(`${name} is as pinned, down to every field and enum value`, () => {
        const service = contract.services.get(name);
        assert.ok(service);
        assert.deepEqual({ methods: service.methods.size, digest: digestOf(service) }, expected);
      });
    }

    it("every type is as pinned, used or not", () => {
      const types = [...contract.registry]
        .filter((type) => type.kind === "message" || type.kind === "enum")
        .filter((type) => !type.typeName.startsWith("google."))
        .sort((a, b) => (a.typeName < b.typeName ? -1 : 1));
      const digest = hash(types.flatMap(describeType));
      assert.deepEqual({ count: types.length, digest }, pinned[generation].types);
    });

    it("pins every service", () => {
      assert.deepEqual(Object.keys(pinned[generation].services), [...contract.services.keys()]);
    });
  });
}

describe("generated files", () => {
  for (const name of ["alpha5", "beta2", "reflection"] as const) {
    it(`${name} is what proto/ makes today`, () => {
      assert.deepEqual(Buffer.from(precompile(name)), generatedFile(name));
    });
  }

  it("that are missing say what to run", () => {
    assert.throws(() => generatedFile("gamma" as never), /generated\/gamma\.binpb is missing.*npm run build/);
  });
});

/** Over the methods and, through their messages, everything that is on the wire or in JSON. */
function digestOf(service: ContractService): string {
  const lines: string[] = [];
  const seen = new Set<string>();
  const addType = (type: DescMessage | DescEnum): void => {
    if (seen.has(type.typeName)) return;
    seen.add(type.typeName);
    lines.push(...describeType(type));
    if (type.kind === "enum") return;
    for (const field of type.fields) {
      const used = field.message ?? field.enum;
      if (used) addType(used);
    }
  };
  for (const method of service.methods.values()) {
    lines.push(`${method.path} ${method.kind} ${method.desc.input.typeName} ${method.desc.output.typeName}`);
    addType(method.desc.input);
    addType(method.desc.output);
  }
  return hash(lines);
}

function hash(lines: readonly string[]): string {
  return createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, 32);
}

function describeType(type: DescMessage | DescEnum): string[] {
  if (type.kind === "message") return type.fields.map((field) => `${type.typeName} ${describeField(field)}`);
  const values = type.values.map((value) => `${value.name}=${value.number}`);
  return [`${type.typeName} ${type.proto.options?.allowAlias ?? false} ${values.join(" ")}`];
}

function describeField(field: DescField): string {
  const type = field.message?.typeName ?? field.enum?.typeName ?? ScalarType[field.scalar as ScalarType];
  const label = field.fieldKind === "list" ? "repeated" : field.proto.proto3Optional ? "optional" : "";
  return `${field.name}=${field.number} ${type} ${label} ${field.oneof?.name ?? ""} ${field.jsonName}`;
}
