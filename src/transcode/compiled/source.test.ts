import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { messageType, sampleRegistry } from "../../../test/transcode/sample-types.ts";
import { plainDialect } from "../dialects.ts";
import { createMessageDecoders } from "../message-decode.ts";
import { createMessageEncoders } from "../message-encode.ts";
import { planDecodeField } from "./decode-plan.ts";
import { decoderSource } from "./decode-source.ts";
import { planEncodeField } from "./encode-plan.ts";
import { encoderSource } from "./encode-source.ts";

// From dist/, where tests run, to the sources.
const golden = join(
  fileURLToPath(new URL("../../../..", import.meta.url)),
  "test/transcode/compiled-source.golden.txt",
);

test("the code of a small message is the reviewed one (write it anew with UPDATE_GOLDEN=1)", () => {
  const source = `// sample.Ref { uint64 handle = 1; Kind type = 2; } in the plain dialect: wire to JSON\n${encoderOf("sample.Ref")}

// JSON to wire\n${decoderOf("sample.Ref")}\n`;
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(golden, source);
  assert.equal(source, readFileSync(golden, "utf8"));
});

test("no name of a contract is in the code", () => {
  for (const typeName of ["sample.Scalars", "sample.Shapes", "sample.Known", "legacy.Old"]) {
    const desc = messageType(registry, typeName);
    const words = new Set(`${encoderOf(typeName)}${decoderOf(typeName)}`.match(/[A-Za-z_$][\w$]*/g));
    for (const { name, jsonName } of desc.fields) {
      for (const word of [name, jsonName]) {
        // some fields of the samples have the names of our own words
        if (!ownWords.has(word)) assert.equal(words.has(word), false, word);
      }
    }
  }
});

const registry = sampleRegistry();
const ownWords = new Set(["text", "list", "bytes", "float", "bool", "double", "int64", "string", "null"]);

function encoderOf(typeName: string): string {
  const encoders = createMessageEncoders(registry, plainDialect, () => []);
  const { fields } = encoders.table(messageType(registry, typeName));
  const isCompiled = (desc: Parameters<typeof encoders.hasOwnForm>[0]) => !encoders.hasOwnForm(desc);
  return encoderSource(
    fields.map((field) => planEncodeField(field.desc, field, field.oneofSlot, plainDialect, isCompiled)),
  );
}

function decoderOf(typeName: string): string {
  const { fields } = createMessageDecoders(registry, () => []).table(messageType(registry, typeName)) ?? {
    fields: [],
  };
  return decoderSource(fields.map((field) => planDecodeField(field.desc, field, () => true)));
}
