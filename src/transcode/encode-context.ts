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

/** A message that was read but has no JSON form, such as a time in the year 10000. Gathers its path on the way out. */
export class UnrepresentableError extends Error {
  readonly path: string[] = [];

  constructor(typeName: string, problem: string) {
    super(`${typeName} has no JSON form: ${problem}`);
  }
}
