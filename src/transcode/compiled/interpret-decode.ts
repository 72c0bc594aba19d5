import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { DecodeContext } from "../decode-context.ts";
import { parseJson } from "../json-parse.ts";
import type { FieldDecoder } from "../message-decode.ts";
import type { DecodeState } from "./decode-state.ts";
import { notFast } from "./not-fast.ts";

/**
 * Reads the JSON value at `pos` and writes the field as the interpreter does, from `mark` on; gives the position behind
 * the value. `depth` is that of the message that the field is in.
 */
export function interpretField(
  s: DecodeState,
  field: FieldDecoder,
  pos: number,
  mark: number,
  depth: number,
): number {
  s.at = mark;
  const end = endOfValue(s.json, pos);
  const context = new DecodeContext(s.dialect, true, false);
  context.depth = depth;
  const writer = new BinaryWriter();
  try {
    // at most two brackets were opened per message
    const value = parseJson(s.json.subarray(pos, end), 2 * depth);
    if (value === undefined) throw notFast;
    if (value !== null || field.takesNull) field.write(writer, value, context);
  } catch {
    // the interpreter finds the same fault again, and knows its path
    throw notFast;
  }
  s.append(writer.finish());
  return end;
}

/** Where a JSON value ends. Finds an end in malformed text too, which is for the parser to refuse. */
function endOfValue(json: Buffer, pos: number): number {
  let depth = 0;
  let at = pos;
  while (at < json.length) {
    const byte = json[at] as number;
    if (byte === 0x22) {
      at = endOfString(json, at + 1);
      if (depth === 0) return at;
      continue;
    }
    if (byte === 0x7b || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (depth === 0 && (byte === 0x2c || byte <= 0x20)) return at;
    at++;
  }
  return at;
}

/** Behind the closing quote of the string whose characters start at `pos`. */
function endOfString(json: Buffer, pos: number): number {
  for (let at = pos; at < json.length; at++) {
    if (json[at] === 0x22) return at + 1;
    if (json[at] === 0x5c) at++;
  }
  return json.length;
}
