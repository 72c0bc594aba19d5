import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { fromBinary, type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  FieldOptionsSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { packageRoot } from "../package.ts";
import { assembleFiles } from "./assemble-files.ts";
import { poolFromFiles } from "./descriptor-pool.ts";
import { linkFiles } from "./link-files.ts";
import { ProtoSyntaxError, parseProto } from "./parse-proto.ts";
import { readProtoDirectory } from "./proto-directory.ts";

describe("descriptors from .proto files", () => {
  const folder = new URL("test/fixtures/proto/faithful/", packageRoot);
  const linked = linkFiles(assembleFiles([readProtoDirectory(fileURLToPath(folder))], []).files);
  const ours = new Map(linked.files.map((file) => [file.name, file]));
  const golden = fromBinary(FileDescriptorSetSchema, readFileSync(new URL("faithful.binpb", folder)));

  for (const file of golden.file.filter(({ name }) => !name.startsWith("google/"))) {
    it(`${file.name} is what protoc makes of it`, () => {
      const own = ours.get(file.name);
      assert.ok(own);
      for (const { messageType } of [file, own]) messageType.forEach(sortNested);
      // the golden file was made without comments; comments.test.ts looks at them
      delete own.sourceCodeInfo;
      const [actual, expected] = [own, file].map((one) => normalize(toJson(FileDescriptorProtoSchema, one)));
      assert.deepEqual(actual, expected);
    });
  }

  it("leave nothing out", () => assert.deepEqual(linked.leftOut, []));
});

/** protoc puts map entries among the other nested types. */
function sortNested(message: DescriptorProto): void {
  message.nestedType.sort((a, b) => (a.name < b.name ? -1 : 1)).forEach(sortNested);
}

/** Without what says nothing: defaults spelt out, custom options, import lists (we add what is used). */
function normalize(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(normalize);
  if (typeof value !== "object" || value === null) return value;
  const kept: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    if (["dependency", "publicDependency"].includes(key)) continue;
    if (/^(client|server)Streaming$/.test(key) && member === false) continue;
    if (key === "syntax" && member === "proto2") continue;
    const normal = normalize(member);
    if (key === "options" && JSON.stringify(normal) === "{}") continue;
    kept[key] = normal;
  }
  return kept;
}

describe("editions", () => {
  it("keep features of the file and of a field", () => {
    const text = `edition = "2023";
      option features.field_presence = IMPLICIT;
      message M { int32 plain = 1; int32 tracked = 2 [features.field_presence = EXPLICIT];
        M inner = 3 [features.message_encoding = DELIMITED]; E closed = 4; }
      enum E { option features.enum_type = CLOSED; ZERO = 0; }`;
    const pool = poolFromFiles(linkFiles([parseProto(text, "e.proto")]).files);
    const fields = pool.registry.getMessage("M")?.fields ?? [];
    const [plain, tracked, inner] = fields;
    assert.equal(plain?.presence, 2);
    assert.equal(tracked?.presence, 1);
    assert.equal(inner?.fieldKind === "message" && inner.delimitedEncoding, true);
    assert.equal(pool.registry.getEnum("E")?.open, false);
  });
});

describe("options", () => {
  // What protoc makes of them; its version that made the golden file knows no `targets` yet.
  const cases: { name: string; options: string; json: JsonValue }[] = [
    {
      name: "a list with one value",
      options: "targets = TARGET_TYPE_FIELD",
      json: { targets: ["TARGET_TYPE_FIELD"] },
    },
    {
      name: "a list with several values, among others",
      options: `targets = TARGET_TYPE_FIELD, deprecated = true, targets = TARGET_TYPE_FILE,
        retention = RETENTION_SOURCE`,
      json: {
        deprecated: true,
        retention: "RETENTION_SOURCE",
        targets: ["TARGET_TYPE_FIELD", "TARGET_TYPE_FILE"],
      },
    },
    {
      name: "a list of messages",
      options: `edition_defaults = { edition: EDITION_PROTO2, value: "a" },
        edition_defaults = { edition: EDITION_2023, value: "b" }`,
      json: {
        editionDefaults: [
          { edition: "EDITION_PROTO2", value: "a" },
          { edition: "EDITION_2023", value: "b" },
        ],
      },
    },
    {
      name: "angle brackets in the value of a custom one",
      options: `deprecated = true, (o) = /* < */ { f: "a<b>" map < g: 2 h: < f: '\\'>' > > l: [<g: 1>, { g: 2 }] }`,
      json: { deprecated: true },
    },
  ];
  for (const { name, options, json } of cases) {
    it(`keep ${name}`, () => {
      const text = `syntax = "proto3"; message M { map < string , M > a = 1 [${options}]; M b = 2; }`;
      const fields = parseProto(text, "a.proto", assert.fail).messageType[0]?.field ?? [];
      assert.deepEqual(
        fields.map(({ name }) => name),
        ["a", "b"],
      );
      assert.ok(fields[0]?.options);
      assert.deepEqual(toJson(FieldOptionsSchema, fields[0].options), json);
    });
  }

  it("that are not valid are dropped alone, and told", () => {
    const told: string[] = [];
    const text = `syntax = "proto3"; message M { int32 a = 1 [packed = "no", deprecated = true]; }`;
    const options = parseProto(text, "a.proto", (reason) => told.push(reason)).messageType[0]?.field[0]
      ?.options;
    assert.ok(options);
    assert.deepEqual(toJson(FieldOptionsSchema, options), { deprecated: true });
    assert.equal(told.length, 1);
    assert.match(told[0] ?? "", /^option 'packed' of 'a' is not valid: .*; all but the option is used$/);
  });
});

describe("a file that is not valid", () => {
  const cases: { name: string; text: string; line: number | undefined; message: RegExp }[] = [
    {
      name: "a comma for a semicolon",
      text: `syntax = "proto3";\nmessage A {\n  int32 a = 1,\n}`,
      line: 3,
      message: /expected ';', found ','/,
    },
    {
      name: "a missing brace",
      text: `syntax = "proto3";\nmessage A {\n  int32 a = 1;\n`,
      line: 4,
      message: /ends too early|null/,
    },
    {
      name: "two messages of one name",
      text: `syntax = "proto3";\npackage p;\nmessage A {}\nmessage B { message A {} }\n\nmessage A {}\n`,
      line: 6,
      message: /duplicate name 'A'/,
    },
    {
      name: "two fields of one name",
      text: `syntax = "proto3";\nmessage A {\n  int32 a = 1;\n  int32 a = 2;\n}\n`,
      line: 4,
      message: /duplicate name 'a'/,
    },
    {
      name: "two fields of one number",
      text: `syntax = "proto3";\nmessage A {\n  int32 a = 1;\n  int32 b = 1;\n}\n`,
      line: 4,
      message: /duplicate id 1/,
    },
    {
      name: "two enum values of one number without allow_alias",
      text: `syntax = "proto3";\nenum A {\n  B = 0;\n  C = 0;\n}\n`,
      line: 4,
      message: /duplicate id 0/,
    },
    {
      name: "two methods of one name",
      text: `syntax = "proto3";\nmessage M {}\nservice S {\n  rpc a(M) returns (M);\n  rpc a(M) returns (M);\n}\n`,
      line: 5,
      message: /duplicate name 'a'/,
    },
    {
      name: "a group in a oneof",
      text: `message M {\n  optional group A = 1 {}\n  oneof o {\n    string group = 2;\n    group G = 3 {\n    }\n  }\n}\n`,
      line: 5,
      message: /^a group in a oneof is not supported: .*--descriptor-set/,
    },
    { name: "an unknown edition", text: `edition = "1999";\n`, line: 1, message: /1999/ },
    { name: "something else altogether", text: "\u0000\u0001PNG", line: 1, message: /not expected|no / },
  ];
  for (const { name, text, line, message } of cases) {
    it(`${name} is told with its line`, () => {
      assert.throws(
        () => parseProto(text, "a.proto"),
        (error) => {
          assert.ok(error instanceof ProtoSyntaxError);
          assert.match(error.message, message);
          assert.equal(error.line, line);
          return true;
        },
      );
    });
  }
});
