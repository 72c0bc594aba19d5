import type { DescEnum, DescMessage } from "@bufbuild/protobuf";
import { maxMessageDepth } from "../decode-context.ts";
import { quote } from "../json-output.ts";
import type { MessageEncoders } from "../message-encode.ts";
import { planEncodeField } from "./encode-plan.ts";
import { encoderSource } from "./encode-source.ts";
import { type EncodeState, longTag, pastBytes, pastUnknown, pastVarint, varint32 } from "./encode-state.ts";
import * as values from "./encode-values.ts";
import { generate } from "./generate.ts";
import { interpretField, pastAny } from "./interpret-encode.ts";
import { notFast } from "./not-fast.ts";

/** Writes the JSON of the message at `pos` to `end`. @throws `notFast` */
type Encode = (s: EncodeState, pos: number, end: number, depth: number) => void;

/** The encoder of one message type; compiled on its first call. */
export interface CompiledEncoder {
  run: Encode;
}

/** Encoders of the message types of one registry in one dialect. */
export interface CompiledEncoders {
  encoder(desc: DescMessage): CompiledEncoder;
}

const runtime = {
  ...values,
  maxDepth: maxMessageDepth,
  notFast,
  longTag,
  pastVarint,
  pastBytes,
  pastUnknown,
  pastAny,
  varint32,
  interpretField,
};

/** `interpreters` are those of the same registry and dialect; `isCompiled` tells which types may have compiled code. */
export function createCompiledEncoders(
  interpreters: MessageEncoders,
  isCompiled: (desc: DescMessage) => boolean,
): CompiledEncoders {
  const encoders = new Map<DescMessage, CompiledEncoder>();
  const enumTexts = new Map<DescEnum, ReadonlyMap<number, Uint8Array>>();

  function encoder(desc: DescMessage): CompiledEncoder {
    let found = encoders.get(desc);
    if (found === undefined) {
      // a message may contain itself, so its code is made only when the first one comes
      const made: CompiledEncoder = {
        run: (s, pos, end, depth) => {
          made.run = compile(desc);
          made.run(s, pos, end, depth);
        },
      };
      found = made;
      encoders.set(desc, found);
    }
    return found;
  }

  function compile(desc: DescMessage): Encode {
    const interpreted = interpreters.table(desc).fields;
    const fields = interpreted.map((field) =>
      planEncodeField(field.desc, field, field.oneofSlot, interpreters.dialect, isCompiled),
    );
    const descs = interpreted.map((field) => field.desc);
    return generate<Encode>(encoderSource(fields), {
      ...runtime,
      K: interpreted.map((field) => Buffer.from(`,${field.key}`)),
      X: interpreted.map((field) => Buffer.from(field.suffix)),
      U: interpreted.map((field) => Buffer.from(`,${field.key}${field.unset ?? ""}`)),
      E: descs.map(({ enum: desc }) => (desc === undefined ? undefined : textsOf(desc))),
      M: descs.map(({ message }) =>
        message !== undefined && isCompiled(message) ? encoder(message) : undefined,
      ),
      F: interpreted,
    });
  }

  /** JSON of an enum's numbers: the name declared first, in quotes. */
  function textsOf(desc: DescEnum): ReadonlyMap<number, Uint8Array> {
    let texts = enumTexts.get(desc);
    if (texts === undefined) {
      const made = new Map<number, Uint8Array>();
      for (const value of desc.values) {
        if (!made.has(value.number)) made.set(value.number, Buffer.from(quote(value.jsonName)));
      }
      texts = made;
      enumTexts.set(desc, texts);
    }
    return texts;
  }

  return { encoder };
}
