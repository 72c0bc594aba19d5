import { createRequire } from "node:module";
import type protobuf from "protobufjs";

const require = createRequire(import.meta.url);
let loaded: typeof protobuf | undefined;

/** The parser of `.proto` files, loaded when the first file is parsed: with the built-in contract alone there is none. */
export function protobufjs(): typeof protobuf {
  loaded ??= require("protobufjs") as typeof protobuf;
  return loaded;
}
