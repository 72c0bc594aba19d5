import { readdirSync, readFileSync, statSync } from "node:fs";
import { resolve, sep } from "node:path";
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { ContractSourceError } from "./contract-source-error.ts";
import type { ParseCache } from "./parse-cache.ts";
import { ProtoSyntaxError, parseProto } from "./parse-proto.ts";
import { isWellKnownPath } from "./well-known-files.ts";

/** One thing that was left out: `file` as a person would open it, `line` 1-based. */
export interface LeftOut {
  readonly file: string;
  readonly line?: number;
  readonly reason: string;
}

/** The `.proto` files of one directory, each parsed once; references are not resolved yet. */
export interface ProtoDirectory {
  readonly directory: string;
  /** By path below the directory, with forward slashes. */
  readonly files: ReadonlyMap<string, FileDescriptorProto>;
  /** Files, and options in them, that are not valid. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Reads all `*.proto` files below `directory`, or what the cache kept of the same text. A file that is not valid is told in `leftOut` and stops nothing.
 * Files of `google/protobuf` that come with the program are not read, nor is `node_modules` or a hidden folder.
 * @throws ContractSourceError when there is no such directory or no such file in it
 */
export function readProtoDirectory(directory: string, cache?: ParseCache): ProtoDirectory {
  const paths = listProtoFiles(directory);
  if (paths.length === 0) {
    throw new ContractSourceError(`expected .proto files in '${directory}', found none`);
  }
  const texts = new Map<string, Uint8Array>();
  const leftOut: LeftOut[] = [];
  for (const path of paths) {
    if (isWellKnownPath(path)) continue;
    const file = resolve(directory, path);
    try {
      texts.set(path, readFileSync(file));
    } catch (error) {
      leftOut.push({ file, ...describeFailure(error) });
    }
  }
  const kept = cache?.find(texts);
  if (kept !== undefined) {
    return { directory, files: new Map(kept.map((file) => [file.name, file])), leftOut };
  }
  const files = new Map<string, FileDescriptorProto>();
  let isValid = true;
  for (const [path, bytes] of texts) {
    const leaveOut = (why: Omit<LeftOut, "file">) => {
      isValid = false;
      leftOut.push({ file: resolve(directory, path), ...why });
    };
    try {
      // invalid UTF-8 can only stand in comments and strings: there it does no harm
      const text = new TextDecoder("utf-8").decode(bytes);
      files.set(
        path,
        parseProto(text, path, (reason) => leaveOut({ reason })),
      );
    } catch (error) {
      leaveOut(describeFailure(error));
    }
  }
  // What is left out is told at every start, so only directories without faults are kept.
  if (isValid) cache?.keep(texts, files.values());
  return { directory, files, leftOut };
}

/** Folders below which other programs keep `.proto` files of their own. */
const foreign = /(^|\/)(node_modules|\.[^/]+)\//;

function listProtoFiles(directory: string): string[] {
  const root = resolve(directory);
  try {
    if (!statSync(root).isDirectory()) throw new Error("it is a file");
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && entry.name.endsWith(".proto"))
      .map((entry) =>
        resolve(entry.parentPath, entry.name)
          .slice(root.length)
          .replace(/^[/\\]/, ""),
      )
      .map((path) => path.split(sep).join("/"))
      .filter((path) => !foreign.test(path))
      .sort();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ContractSourceError(`expected a directory of .proto files at '${directory}': ${why}`, {
      cause: error,
    });
  }
}

function describeFailure(error: unknown): { line?: number; reason: string } {
  if (error instanceof ProtoSyntaxError && error.line !== undefined) {
    return { line: error.line, reason: error.message };
  }
  return { reason: error instanceof Error ? error.message : String(error) };
}
