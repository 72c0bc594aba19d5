import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../package.ts";
import type { Contract } from "./contract.ts";
import { ContractSourceError } from "./contract-source-error.ts";
import { type Contracts, createContracts } from "./create-contracts.ts";

const fixture = (path: string) => fileURLToPath(new URL(`test/fixtures/proto/${path}`, packageRoot));
const scratch = mkdtempSync(join(tmpdir(), "octane-proxy-contract-"));
after(() => rmSync(scratch, { recursive: true }));

/** A new directory with these files. */
function directoryOf(files: Record<string, string>): string {
  const directory = mkdtempSync(join(scratch, "proto-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

describe("a directory with every kind of trouble", () => {
  const contract = createContracts({ protoDirs: [fixture("troubled")] }).of("beta2");
  const own = [...contract.services.values()].filter(({ source }) => source !== "built-in");

  it("serves every service that can be served, and tells the file of each", () => {
    const served = own.map((service) => [
      service.fullName,
      [...service.methods.keys()].join(" "),
      basename(service.source),
    ]);
    assert.deepEqual(served, [
      ["fixture.CallbackHandler", "open", "callback.proto"],
      ["fixture.HalfService", "whole", "half.proto"],
      ["fixture.ItemArrayService", "size", "items_1.proto"],
      ["fixture.ItemService", "items", "items_3.proto"],
      ["fixture.ModalService", "close toString constructor __proto__ hasOwnProperty", "modal.proto"],
      ["fixture.ModuleService", "Start Stop", "module.proto"],
      ["fixture.NodeArrayService", "count", "nodearray.proto"],
      ["fixture.inner.BesideService", "mix", "beside.proto"],
    ]);
  });

  it("reports what is left out with file, line and reason", () => {
    const told = contract.report.leftOut.map(({ file, line, reason }) => [basename(file), line, reason]);
    assert.deepEqual(told, [
      ["commas.proto", 7, "expected ';', found ','"],
      ["monolith.proto", 17, "duplicate name 'getRequest' in Type Monolith"],
      ["half.proto", undefined, "import 'gone.proto' is missing: only what needs it is left out"],
      ["half.proto", undefined, "message fixture.NeedsGone needs type 'fixture.Gone', which is missing"],
      ["half.proto", undefined, "message fixture.NeedsGoneToo needs type 'NeedsGone', which is missing"],
      ["half.proto", undefined, "method fixture.HalfService/direct needs type 'Gone', which is missing"],
      [
        "half.proto",
        undefined,
        "method fixture.HalfService/indirect needs type 'NeedsGoneToo', which is missing",
      ],
      [
        "aitemarray.proto",
        undefined,
        "service fixture.ItemArrayService is taken from items_1.proto; only here: begin",
      ],
    ]);
    assert.deepEqual(contract.report.sources, [
      { source: fixture("troubled"), files: 11, services: 8, methods: 13 },
      { source: "built-in", files: 32, services: 24, methods: 478 },
    ]);
  });

  it("keeps clashing messages apart: each service has those of its own file", () => {
    const fieldsOf = (service: string, method: string) =>
      methodOf(contract, service, method).desc.input.fields.map((field) => field.name);
    assert.deepEqual(fieldsOf("fixture.ModuleService", "Start"), ["module_id"]);
    assert.deepEqual(fieldsOf("fixture.NodeArrayService", "count"), ["label"]);
    assert.deepEqual(
      methodOf(contract, "fixture.CallbackHandler", "open").desc.output.fields.map((field) => field.name),
      ["source", "pass"],
    );
  });

  it("keeps aliases and negative numbers of enums", () => {
    assert.deepEqual(
      contract.registry.getEnum("fixture.Pass")?.values.map(({ name, number }) => [name, number]),
      [
        ["PASS_MAIN", 0],
        ["PASS_CUSTOM_20", 520],
        ["PASS_CUSTOM_LAST", 520],
      ],
    );
    assert.equal(contract.registry.getEnum("fixture.View")?.values[1]?.number, -1);
  });

  it("keeps names that mean something to an object", () => {
    const message = contract.registry.getMessage("fixture.constructor");
    assert.deepEqual(
      message?.fields.map((field) => field.name),
      ["__proto__", "toString", "hasOwnProperty", "kind"],
    );
    assert.deepEqual(
      contract.registry.getEnum("fixture.constructor.valueOf")?.values.map((value) => value.name),
      ["ZERO", "__proto__"],
    );
  });

  it("takes NO_SIDE_EFFECTS in a user's file for a read, and everything else for a write", () => {
    assert.equal(methodOf(contract, "fixture.ModalService", "hasOwnProperty").readsOnly, true);
    assert.equal(methodOf(contract, "fixture.ModalService", "close").readsOnly, false);
  });
});

it("serves a file without the one option in it that is not valid, and reports that", () => {
  const text = `syntax = "proto3"; package p; message M { int32 a = 1 [packed = "no"]; } service S { rpc go(M) returns (M); }`;
  const contract = createContracts({ protoDirs: [directoryOf({ "p.proto": text })] }).of("beta2");
  assert.equal(methodOf(contract, "p.S", "go").desc.input.fields[0]?.name, "a");
  const told = contract.report.leftOut.map(({ file, reason }) => [basename(file), reason]);
  assert.deepEqual(told.length, 1);
  assert.match(String(told[0]), /^p\.proto,option 'packed' of 'a' is not valid/);
});

describe("generation of a user's directory", () => {
  const items = (method: string) =>
    `syntax = "proto3"; package octaneapi; message R { string mine = 1; } service ApiItemService { rpc ${method}(R) returns (R); }`;
  const other = `syntax = "proto3"; package other; message R {} service OtherService { rpc go(R) returns (R); }`;
  const alpha5 = directoryOf({ "apinodesystem_3.proto": items("getByAttrID") });
  const beta2 = directoryOf({ "apinodesystem_3.proto": items("getValueByAttrID") });
  const another = directoryOf({ "other.proto": other });
  const sourceOf = (contracts: Contracts, generation: "alpha5" | "beta2", service: string) =>
    contracts.of(generation).services.get(service)?.source;

  const cases: {
    name: string;
    protoDirs: string[];
    decided: string | undefined;
    overlays: string[];
  }[] = [
    { name: "no directory decides nothing", protoDirs: [], decided: undefined, overlays: [] },
    { name: "getByAttrID shows alpha5", protoDirs: [alpha5], decided: "alpha5", overlays: ["alpha5"] },
    { name: "getValueByAttrID shows beta2", protoDirs: [beta2], decided: "beta2", overlays: ["beta2"] },
    { name: "another API decides nothing", protoDirs: [another], decided: undefined, overlays: [] },
    {
      name: "directories of both generations overlay one each",
      protoDirs: [alpha5, beta2],
      decided: undefined,
      overlays: ["alpha5", "beta2"],
    },
  ];
  for (const { name, protoDirs, decided, overlays } of cases) {
    it(name, () => {
      const contracts = createContracts({ protoDirs });
      assert.equal(contracts.decidedGeneration, decided);
      for (const generation of ["alpha5", "beta2"] as const) {
        const isOverlaid = sourceOf(contracts, generation, "octaneapi.ApiItemService") !== "built-in";
        assert.equal(isOverlaid, overlays.includes(generation), generation);
        assert.equal(sourceOf(contracts, generation, "octaneapi.ApiNodeService"), "built-in");
      }
    });
  }

  it("another API is added to both generations", () => {
    const contracts = createContracts({ protoDirs: [another] });
    assert.equal(sourceOf(contracts, "alpha5", "other.OtherService"), join(another, "other.proto"));
    assert.equal(sourceOf(contracts, "beta2", "other.OtherService"), join(another, "other.proto"));
  });

  it("a user's messages come before built-in ones, also in the registry over all pools", () => {
    const contract = createContracts({ protoDirs: [alpha5] }).of("alpha5");
    assert.equal(
      methodOf(contract, "octaneapi.ApiItemService", "getByAttrID").desc.input.fields[0]?.name,
      "mine",
    );
    assert.ok(contract.registry.getMessage("octaneapi.R"));
    assert.ok(contract.registry.getMessage("octaneapi.ObjectRef"));
  });
});

describe("several directories", () => {
  it("find each other's files", () => {
    const types = directoryOf({
      "lib/t.proto": `syntax = "proto3"; package lib; message T { int32 a = 1; }`,
    });
    const api = directoryOf({
      "api.proto": `syntax = "proto3"; package api; import "lib/t.proto"; service S { rpc go(lib.T) returns (lib.T); }`,
    });
    const contract = createContracts({ protoDirs: [api, types] }).of("beta2");
    assert.equal(methodOf(contract, "api.S", "go").desc.input.typeName, "lib.T");
    assert.deepEqual(contract.report.leftOut, []);
    assert.equal(contract.report.sources[0]?.files, 1);
  });

  it("that have the same service: the first is used and the other told", () => {
    const text = `syntax = "proto3"; package api; message M {} service S { rpc go(M) returns (M); }`;
    const [first, second] = [directoryOf({ "s.proto": text }), directoryOf({ "s.proto": text })];
    const contract = createContracts({ protoDirs: [first, second] }).of("beta2");
    assert.equal(contract.services.get("api.S")?.source, join(first, "s.proto"));
    assert.deepEqual(contract.report.leftOut, [
      { file: join(second, "s.proto"), reason: `service api.S is taken from ${join(first, "s.proto")}` },
    ]);
  });

  it("are not searched where other programs keep their files", () => {
    const directory = directoryOf({
      "a.proto": `syntax = "proto3"; package a; message M {} service S { rpc go(M) returns (M); }`,
      "node_modules/x/b.proto": "broken",
      ".cache/c.proto": "broken",
      "google/protobuf/empty.proto": "broken",
    });
    const { report } = createContracts({ protoDirs: [directory] }).of("beta2");
    assert.deepEqual(report.leftOut, []);
    assert.equal(report.sources[0]?.files, 1);
  });
});

describe("a file that compiles and yet is not sound", () => {
  it("is left out with what depends on it, and nothing else", () => {
    const directory = directoryOf({
      "circle_a.proto": `syntax = "proto3"; package c; import "circle_b.proto"; message A { B b = 1; }`,
      "circle_b.proto": `syntax = "proto3"; package c; import "circle_a.proto"; message B { A a = 1; }
        service CircleService { rpc go(A) returns (B); }`,
      "sound.proto": `syntax = "proto3"; package c; message M {} service SoundService { rpc go(M) returns (M); }`,
    });
    const contract = createContracts({ protoDirs: [directory] }).of("beta2");
    assert.ok(contract.services.has("c.SoundService"));
    assert.equal(contract.services.has("c.CircleService"), false);
    assert.ok(contract.report.leftOut.some(({ file }) => basename(file) === "circle_b.proto"));
  });
});

describe("a source that cannot be used", () => {
  const cases: { name: string; protoDirs: string[]; message: RegExp }[] = [
    { name: "is missing", protoDirs: [join(scratch, "nowhere")], message: /nowhere.*ENOENT/ },
    { name: "holds no .proto file", protoDirs: [directoryOf({ "a.txt": "" })], message: /found none/ },
    { name: "is a file", protoDirs: [fixture("troubled/common.proto")], message: /it is a file/ },
  ];
  for (const { name, protoDirs, message } of cases) {
    it(`${name}: the error names it`, () => {
      assert.throws(
        () => createContracts({ protoDirs }),
        (error) => error instanceof ContractSourceError && message.test(error.message),
      );
    });
  }
});

describe("a big directory", () => {
  it("of 96 files with 106 services and 1,422 methods loses none", () => {
    const directory = directoryOf(bigDirectory({ files: 96, services: 106, methods: 1422 }));
    const contract = createContracts({ protoDirs: [directory] }).of("beta2");
    assert.deepEqual(contract.report.leftOut, []);
    assert.deepEqual(contract.report.sources[0], {
      source: directory,
      files: 96,
      services: 106,
      methods: 1422,
    });
  });
});

/** Every third file redefines a message that another file has too, so that one pool cannot hold them all. */
function bigDirectory(size: { files: number; services: number; methods: number }): Record<string, string> {
  const texts = Array.from({ length: size.files }, (_, file) => [
    `syntax = "proto3";\npackage big;\n`,
    file === 0 ? `message Ref { uint64 handle = 1; }\n` : `import "file0.proto";\n`,
    `message Type${file} { Ref ref = 1; map<string, Ref> by_name = 2; optional int32 n = 3; }\n`,
    file % 3 === 2 ? `message Clashing { string of_file_${file} = 1; }\n` : "",
  ]);
  for (let service = 0; service < size.services; service++) {
    const file = service % size.files;
    const first = Math.floor((service * size.methods) / size.services);
    const end = Math.floor(((service + 1) * size.methods) / size.services);
    const type = file % 3 === 2 ? "Clashing" : `Type${file}`;
    const methods = Array.from(
      { length: end - first },
      (_, index) => `rpc m${index}(${type}) returns (Ref);`,
    );
    texts[file]?.push(`service S${service}Service { ${methods.join(" ")} }\n`);
  }
  return Object.fromEntries(texts.map((text, file) => [`file${file}.proto`, text.join("")]));
}

function methodOf(contract: Contract, service: string, method: string) {
  const found = contract.services.get(service)?.methods.get(method);
  assert.ok(found, `${service}/${method}`);
  return found;
}
