import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { braceAggregates } from "./aggregate-braces.ts";
import { describeFile } from "./describe-file.ts";
import { findDuplicateLine } from "./duplicate-line.ts";
import { escapeNames, unescapeNames } from "./escaped-name.ts";
import { findOneofGroupLine } from "./oneof-group-line.ts";
import { protobufjs } from "./protobufjs.ts";

/** A `.proto` file that is not valid; `line` is 1-based and undefined where the trouble has none. */
export class ProtoSyntaxError extends Error {
  override readonly name = "ProtoSyntaxError";
  readonly line: number | undefined;

  constructor(message: string, line: number | undefined) {
    super(message);
    this.line = line;
  }
}

/**
 * Reads the text of one `.proto` file (proto2, proto3 or an edition) into a descriptor called `path`.
 * References to types stay as written and have no kind yet: `linkFiles` resolves them. An option whose value is
 * not valid is dropped, and `onDropped` is told why.
 * @throws ProtoSyntaxError
 */
export function parseProto(
  text: string,
  path: string,
  onDropped: (reason: string) => void = () => undefined,
): FileDescriptorProto {
  try {
    const source = braceAggregates(escapeNames(text));
    const parsed = protobufjs().parse(source, { keepCase: true, alternateCommentMode: true });
    return describeFile(parsed, syntaxOf(source), path, onDropped);
  } catch (error) {
    throw asSyntaxError(error, text);
  }
}

/** `proto2` where the file says nothing, else `proto3` or the edition's name. */
function syntaxOf(text: string): string {
  const tokens = protobufjs().tokenize(text, false);
  const keyword = tokens.next();
  if (keyword !== "syntax" && keyword !== "edition") return "proto2";
  tokens.skip("=");
  tokens.next();
  return tokens.next() ?? "proto2";
}

function asSyntaxError(error: unknown, text: string): ProtoSyntaxError {
  const message = error instanceof Error ? error.message : String(error);
  const atLine = / ?\((?:[^()]*, )?line (\d+)\)$/.exec(message);
  if (atLine) return new ProtoSyntaxError(rephrase(message.slice(0, atLine.index)), Number(atLine[1]));
  if (message === "field must be a Field") {
    return new ProtoSyntaxError(
      "a group in a oneof is not supported: give the file as a descriptor set (--descriptor-set, made with " +
        "protoc --include_imports --descriptor_set_out), or declare a message in its place where the server does too",
      findOneofGroupLine(text),
    );
  }
  const duplicate = /^duplicate (?:name|id) '?([^' ]+)'? in (\S+) ?(\S*)$/.exec(message);
  const line = duplicate?.[1] ? findDuplicateLine(text, duplicate[1], duplicate[3] ?? "") : undefined;
  return new ProtoSyntaxError(unescapeNames(message), line);
}

/** In this program's words: what was expected and what came. */
function rephrase(message: string): string {
  const plain = unescapeNames(message);
  const expected = /^illegal token '(.*)', '(.*)' expected$/s.exec(plain);
  if (expected) return `expected '${expected[2]}', found '${expected[1]}'`;
  const illegal = /^illegal (.+) '(.*)'$/s.exec(plain);
  if (!illegal) return plain;
  if (illegal[2] === "null") return "the file ends too early";
  return illegal[1] === "token"
    ? `'${illegal[2]}' is not expected here`
    : `'${illegal[2]}' is no ${illegal[1]}`;
}
