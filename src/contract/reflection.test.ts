import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { ProxyError } from "../errors.ts";
import { readBuiltIn } from "./built-in.ts";
import { ContractSourceError } from "./contract-source-error.ts";
import { createContracts } from "./create-contracts.ts";
import { type ReflectionUpstream, reflectFiles } from "./reflection.ts";

const options = { timeoutMs: 5000 };

describe("reflection", () => {
  for (const version of ["v1", "v1alpha"]) {
    it(`fetches the whole contract over ${version}`, async () => {
      const server = reflectionServer(version, readBuiltIn("beta2").file);
      const reflected = await reflectFiles(server, options);
      assert.deepEqual(reflected.leftOut, []);
      const contracts = createContracts({ reflected });
      assert.equal(contracts.decidedGeneration, "beta2");
      const [own] = contracts.of("beta2").report.sources;
      assert.deepEqual([own?.source, own?.services, own?.methods], ["reflection", 24, 478]);
      assert.equal(server.cancelled, version === "v1" ? 1 : 2);
    });
  }

  it("without either version says what to do instead", async () => {
    await assert.rejects(
      reflectFiles(reflectionServer("none", []), options),
      (error) => error instanceof ContractSourceError && /--proto or --descriptor-set/.test(error.message),
    );
  });

  it("keeps what a server gives and tells what it does not", async () => {
    const files = readBuiltIn("beta2").file.filter(({ name }) => !name.endsWith("/ids.proto"));
    const reflected = await reflectFiles(reflectionServer("v1", files), options);
    assert.deepEqual(
      reflected.leftOut.map(({ reason }) => reason),
      ["file 'octaneapi/ids.proto' cannot be had: not found"],
    );
    const contract = createContracts({ reflected }).of("beta2");
    assert.equal(contract.services.get("livelinkapi.LiveLinkService")?.source, "reflection");
    assert.ok(contract.report.leftOut.some(({ reason }) => /needs type '.*NodeType'/.test(reason)));
  });

  it("passes other failures of the upstream on", async () => {
    const failing: ReflectionUpstream = {
      address: "here:1",
      stream: () => failingStream(new ProxyError("upstream_unavailable", "nobody answers")),
    };
    await assert.rejects(reflectFiles(failing, options), { reason: "upstream_unavailable" });
  });
});

/** Field numbers of the protocol (https://github.com/grpc/grpc/blob/master/doc/server-reflection.md), read by hand. */
const request = { filename: 3, symbol: 4, list: 7 };
const response = { files: 4, services: 6, error: 7 };

function reflectionServer(
  version: string,
  files: readonly FileDescriptorProto[],
): ReflectionUpstream & { cancelled: number } {
  const server = {
    address: "127.0.0.1:1",
    cancelled: 0,
    stream(path: string, requests: AsyncIterable<Uint8Array>) {
      if (path !== `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`) {
        const unimplemented = new ProxyError("upstream_status", "no such service", { code: "UNIMPLEMENTED" });
        return failingStream(unimplemented, () => server.cancelled++);
      }
      async function* messages() {
        for await (const wire of requests) yield answer(wire, files);
      }
      return { messages: messages(), cancel: () => void server.cancelled++ };
    },
  };
  return server;
}

function failingStream(error: Error, cancel: () => void = () => {}) {
  // biome-ignore lint/correctness/useYield: it fails before its first message
  async function* messages(): AsyncGenerator<Uint8Array> {
    throw error;
  }
  return { messages: messages(), cancel };
}

function answer(wire: Uint8Array, files: readonly FileDescriptorProto[]): Uint8Array {
  const reader = new BinaryReader(wire);
  const [field] = reader.tag();
  const text = reader.string();
  const inner = new BinaryWriter();
  if (field === request.list) {
    for (const file of files) {
      for (const { name } of file.service) {
        const entry = new BinaryWriter().tag(1, WireType.LengthDelimited).string(`${file.package}.${name}`);
        inner.tag(1, WireType.LengthDelimited).bytes(entry.finish());
      }
    }
    return wrap(response.services, inner);
  }
  const found = files.find((file) =>
    field === request.filename
      ? file.name === text
      : file.service.some(({ name }) => `${file.package}.${name}` === text),
  );
  if (!found) {
    inner.tag(1, WireType.Varint).int32(5).tag(2, WireType.LengthDelimited).string("not found");
    return wrap(response.error, inner);
  }
  inner.tag(1, WireType.LengthDelimited).bytes(toBinary(FileDescriptorProtoSchema, found));
  return wrap(response.files, inner);
}

function wrap(field: number, inner: BinaryWriter): Uint8Array {
  return new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(inner.finish()).finish();
}
