import type { BinaryReader } from "@bufbuild/protobuf/wire";
import { ProxyError } from "../errors.ts";
import { maxMessageDepth } from "./decode-context.ts";
import { JsonOutput } from "./json-output.ts";

/** State of one reply's translation. */
export class EncodeContext {
  readonly output = new JsonOutput();
  reader: BinaryReader;
  depth = 0;

  constructor(reader: BinaryReader) {
    this.reader = reader;
  }

  enterMessage(typeName: string): void {
    if (++this.depth > maxMessageDepth) {
      throw malformed(typeName, `it is nested more than ${maxMessageDepth} messages deep`);
    }
  }
}

/** Bytes from the upstream that are not what its contract says. */
export function malformed(typeName: string, problem: string, cause?: unknown): ProxyError {
  return new ProxyError("upstream_malformed", `the reply cannot be read as ${typeName}: ${problem}`, {
    cause,
  });
}
