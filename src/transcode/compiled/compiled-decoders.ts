import type { DescEnum, DescMessage } from "@bufbuild/protobuf";
import { maxMessageDepth } from "../decode-context.ts";
import type { Dialect } from "../dialects.ts";
import type { FieldTable, MessageDecoders } from "../message-decode.ts";
import { usableAliases } from "../request-aliases.ts";
import { planDecodeField, tagBytes } from "./decode-plan.ts";
import { decoderSource } from "./decode-source.ts";
import { type DecodeState, fork, join, tag } from "./decode-state.ts";
import * as values from "./decode-values.ts";
import { generate } from "./generate.ts";
import { interpretField } from "./interpret-decode.ts";
import { createKeyTable, type KeyTable, memberKey } from "./key-table.ts";
import { notFast } from "./not-fast.ts";

/** Reads the JSON object at `pos`; gives the position behind it. @throws `notFast` */
type Decode = (s: DecodeState, pos: number, depth: number, keys?: KeyTable) => number;

/** The decoder of one message type; compiled on its first call. */
export interface CompiledDecoder {
  run: Decode;
}

/** Decoders of the message types of one registry in one dialect. */
export interface CompiledDecoders {
  decoder(desc: DescMessage): CompiledDecoder;
  /** The names of a request, aliases included; undefined for the names of the message alone. */
  requestKeys(desc: DescMessage): KeyTable | undefined;
}

const runtime = { ...values, tag, fork, join, memberKey, interpretField, maxDepth: maxMessageDepth, notFast };

/** `interpreters` are those of the same registry; `isCompiled` tells which types may have compiled code. */
export function createCompiledDecoders(
  interpreters: MessageDecoders,
  dialect: Dialect,
  isCompiled: (desc: DescMessage) => boolean,
): CompiledDecoders {
  const decoders = new Map<DescMessage, CompiledDecoder>();
  const enumNames = new Map<DescEnum, KeyTable>();

  function decoder(desc: DescMessage): CompiledDecoder {
    let found = decoders.get(desc);
    if (found === undefined) {
      // a message may contain itself, so its code is made only when the first one comes
      const made: CompiledDecoder = {
        run: (s, pos, depth, keys) => {
          made.run = compile(desc);
          return made.run(s, pos, depth, keys);
        },
      };
      found = made;
      decoders.set(desc, found);
    }
    return found;
  }

  function compile(desc: DescMessage): Decode {
    const table = tableOf(desc);
    const { fields } = table;
    return generate<Decode>(
      decoderSource(fields.map((field) => planDecodeField(field.desc, field, isCompiled))),
      {
        ...runtime,
        KEYS: createKeyTable(namesOf(table)),
        T: fields.map((field) => tagBytes(field.desc)),
        E: fields.map(({ desc: { enum: desc } }) => (desc === undefined ? undefined : namesOfEnum(desc))),
        M: fields.map(({ desc: { message } }) =>
          message !== undefined && isCompiled(message) ? decoder(message) : undefined,
        ),
        F: fields,
      },
    );
  }

  function tableOf(desc: DescMessage): FieldTable {
    const table = interpreters.table(desc);
    if (table === undefined) throw new TypeError(`${desc.typeName} has a form of its own`);
    return table;
  }

  function requestKeys(desc: DescMessage): KeyTable | undefined {
    const table = tableOf(desc);
    const [alias] = dialect.objectPtrAliases ? usableAliases(table) : [];
    if (alias === undefined) return undefined;
    return createKeyTable([...namesOf(table), [alias.name, alias.field.slot]]);
  }

  function namesOfEnum(desc: DescEnum): KeyTable {
    let names = enumNames.get(desc);
    if (names === undefined) {
      const numbers = new Map(desc.values.map((value) => [value.jsonName, value.number]));
      // a proto name wins over another value's custom JSON name
      for (const value of desc.values) numbers.set(value.name, value.number);
      names = createKeyTable(numbers);
      enumNames.set(desc, names);
    }
    return names;
  }

  return { decoder, requestKeys };
}

function namesOf(table: FieldTable): [name: string, slot: number][] {
  return [...table.byName].map(([name, field]) => [name, field.slot]);
}
