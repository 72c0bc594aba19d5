import {
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonValue,
  type Message,
  type Registry,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { Edition } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { createContracts } from "../../src/contract/create-contracts.ts";
import type { Reason } from "../../src/errors.ts";
import { createTranscoder } from "../../src/transcode/create-transcoder.ts";
import { canonicalDialect, envelopeDialect, plainDialect } from "../../src/transcode/dialects.ts";
import { genericProtoDir } from "../../test/generic-server.ts";
import { randomMessage } from "../../test/transcode/random-message.ts";
import { sampleRegistry } from "../../test/transcode/sample-types.ts";
import type { Surface } from "./surface.ts";

const corpusSize = 12;
const decodeRefusals: ReadonlySet<Reason> = new Set<Reason>([
  "malformed_json",
  "invalid_field",
  "unknown_field",
]);
const encodeRefusals: ReadonlySet<Reason> = new Set<Reason>(["upstream_malformed"]);

/** Both directions of every message type that a call can carry, in every dialect. */
export function codecSurfaces(seed: number): readonly Surface[] {
  const transcoder = createTranscoder();
  const surfaces: Surface[] = [];
  for (const { desc, registry } of messageTypes()) {
    const messages = lazy(() => sampleMessages(desc, seed));
    const wires = lazy(() => messages().map((message) => Buffer.from(toBinary(desc, message))));
    const texts = lazy(() => messages().flatMap((message) => jsonTexts(desc, message, registry)));
    for (const dialect of [envelopeDialect, plainDialect, canonicalDialect]) {
      const codec = transcoder.codec(desc, dialect, registry);
      for (const strict of [false, true]) {
        surfaces.push({
          name: `decode ${desc.typeName} from ${dialect.name} JSON${strict ? ", strict" : ""}`,
          corpus: texts,
          refusals: decodeRefusals,
          run(input) {
            const { wire, ignoredFields } = codec.decode(input, { strict });
            if (ignoredFields.length > 100) throw new Error("more than 100 ignored fields");
            fromBinary(desc, wire);
            JSON.parse(codec.encode(wire).toString("utf8"));
          },
        });
      }
      surfaces.push({
        name: `encode ${desc.typeName} as ${dialect.name} JSON`,
        corpus: wires,
        refusals: encodeRefusals,
        run: (input) => void JSON.parse(codec.encode(input).toString("utf8")),
      });
    }
  }
  return surfaces;
}

function* messageTypes(): Generator<{ desc: DescMessage; registry: Registry }> {
  const contracts = createContracts({ protoDirs: [genericProtoDir] });
  for (const generation of ["beta2", "alpha5"] as const) {
    const { services, registry } = contracts.of(generation);
    const seen = new Set<DescMessage>();
    for (const service of services.values()) {
      for (const { desc } of service.methods.values()) {
        for (const message of [desc.input, desc.output]) {
          if (seen.has(message)) continue;
          seen.add(message);
          yield { desc: message, registry };
        }
      }
    }
  }
  // The types with the most rules, several times over.
  const samples = sampleRegistry();
  for (const type of ["sample.Scalars", "sample.Shapes", "sample.Known", "legacy.Old"]) {
    const desc = samples.getMessage(type);
    for (let weight = 0; desc !== undefined && weight < 10; weight++) yield { desc, registry: samples };
  }
}

/** Any messages of a type, the same for the same seed. */
export function sampleMessages(desc: DescMessage, seed: number): readonly Message[] {
  // Random messages set enums to numbers that a closed enum does not take.
  if (desc.file.edition === Edition.EDITION_PROTO2)
    return [fromJson(desc, legacyMessage), fromJson(desc, {})];
  return fc.sample(randomMessage(desc), { numRuns: corpusSize, seed });
}

const legacyMessage = {
  count: 1,
  closed: "CLOSED_ONE",
  name: "old",
  part: { size: 3, inner: { count: 2 } },
  list: [1, -2],
};

/** What clients may write for a message: with either kind of names. */
export function jsonTexts(desc: DescMessage, message: Message, registry: Registry): Buffer[] {
  try {
    return [false, true].map((useProtoFieldName) => {
      const json: JsonValue = toJson(desc, message, { registry, useProtoFieldName });
      return Buffer.from(JSON.stringify(json));
    });
  } catch {
    // Not every message has a JSON form: a number in a closed enum, for one.
    return [Buffer.from("{}")];
  }
}

export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
