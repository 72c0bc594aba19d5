import { clone } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  type FieldDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { join, type SymbolKind, symbolsOf } from "./symbols.ts";

/** Something of a file that cannot be served because a type that it needs is nowhere to be found. */
export interface Unlinked {
  readonly path: string;
  readonly reason: string;
}

export interface LinkedFiles {
  /** Sorted so that each file comes after those it depends on. */
  readonly files: readonly FileDescriptorProto[];
  readonly leftOut: readonly Unlinked[];
}

/**
 * Resolves every reference of `files` (one pool, without clashes) to a full name and adds the dependencies that
 * it takes. Messages and methods that need a missing type are taken out, with a reason; the rest stays.
 * The files passed in are not changed.
 */
export function linkFiles(files: readonly FileDescriptorProto[]): LinkedFiles {
  const leftOut: Unlinked[] = [];
  const removed = new Set<string>();
  for (;;) {
    const linker = createLinker(files, removed);
    const linked = files.map((file) => linker.link(file));
    leftOut.push(...linker.lostMessages);
    if (linker.broken.size === 0) {
      return { files: sortByDependency(linked), leftOut: [...leftOut, ...linker.lostMethods] };
    }
    // what needs a removed message goes in the next round
    for (const name of linker.broken) removed.add(name);
  }
}

interface Linker {
  readonly broken: Set<string>;
  readonly lostMessages: Unlinked[];
  /** Complete only in a round in which no message broke. */
  readonly lostMethods: Unlinked[];
  link(file: FileDescriptorProto): FileDescriptorProto;
}

interface Definition {
  readonly kind: SymbolKind;
  readonly path: string;
}

function createLinker(files: readonly FileDescriptorProto[], removed: ReadonlySet<string>): Linker {
  const byPath = new Map(files.map((file) => [file.name, file]));
  const symbols = new Map(files.map((file) => [file.name, symbolsOf(file)]));
  const pool = new Map<string, Definition>();
  for (const [path, names] of symbols) for (const [name, kind] of names) pool.set(name, { kind, path });
  const broken = new Set<string>();
  const lostMessages: Unlinked[] = [];
  const lostMethods: Unlinked[] = [];

  /** The file itself and its imports, then theirs, then (for a forgotten import) everything. */
  function tiersOf(file: FileDescriptorProto): ((name: string) => Definition | undefined)[] {
    const near = [file.name, ...file.dependency];
    const far = [...importClosure(file, byPath)];
    const among = (paths: readonly string[]) => (name: string) => {
      for (const path of paths) {
        const kind = symbols.get(path)?.get(name);
        if (kind !== undefined) return { kind, path };
      }
      return undefined;
    };
    return [among(near), among(far), (name) => pool.get(name)];
  }

  function link(original: FileDescriptorProto): FileDescriptorProto {
    const file = clone(FileDescriptorProtoSchema, original);
    const tiers = tiersOf(file);
    const used = new Set<string>();

    function resolve(reference: string, scope: string): { name: string; kind: SymbolKind } | undefined {
      for (const find of tiers) {
        for (const name of candidates(reference, scope)) {
          const definition = find(name);
          if (definition?.kind !== "message" && definition?.kind !== "enum") continue;
          if (isRemoved(name, removed)) return undefined;
          if (definition.path !== file.name) used.add(definition.path);
          return { name, kind: definition.kind };
        }
      }
      return undefined;
    }

    /** False where the type is missing. */
    function linkField(field: FieldDescriptorProto, scope: string): boolean {
      if (field.extendee !== "") {
        const extended = resolve(field.extendee, scope);
        if (extended === undefined) return false;
        field.extendee = `.${extended.name}`;
      }
      if (field.typeName === "") return true;
      const type = resolve(field.typeName, scope);
      if (type === undefined) return false;
      field.typeName = `.${type.name}`;
      if (type.kind === "enum") field.type = Type.ENUM;
      else if (field.type !== Type.GROUP) field.type = Type.MESSAGE;
      return true;
    }

    /** False where the message must go. */
    function linkMessage(message: DescriptorProto, scope: string): boolean {
      const name = join(scope, message.name);
      if (removed.has(name)) return false;
      message.nestedType = message.nestedType.filter((nested) => linkMessage(nested, name));
      message.extension = message.extension.filter((extension) => linkField(extension, name));
      const missing = message.field.find((field) => !linkField(field, name));
      if (missing === undefined) return true;
      broken.add(name);
      const type = missing.typeName;
      lostMessages.push({
        path: file.name,
        reason: `message ${name} needs type '${type}', which is missing`,
      });
      return false;
    }

    file.messageType = file.messageType.filter((message) => linkMessage(message, file.package));
    file.extension = file.extension.filter((extension) => linkField(extension, file.package));
    for (const service of file.service) {
      const scope = join(file.package, service.name);
      service.method = service.method.filter((method) => {
        const input = resolve(method.inputType, scope);
        const output = resolve(method.outputType, scope);
        if (input?.kind !== "message" || output?.kind !== "message") {
          const type = input?.kind === "message" ? method.outputType : method.inputType;
          const reason = `method ${scope}/${method.name} needs type '${type}', which is missing`;
          lostMethods.push({ path: file.name, reason });
          return false;
        }
        method.inputType = `.${input.name}`;
        method.outputType = `.${output.name}`;
        return true;
      });
    }
    const written = file.dependency.filter((path) => byPath.has(path) && path !== file.name);
    file.dependency = [...new Set([...written, ...used])];
    // comments are found by position, and positions have moved
    if (countParts(file) !== countParts(original)) delete file.sourceCodeInfo;
    file.publicDependency = [];
    file.weakDependency = [];
    return file;
  }

  return { broken, lostMessages, lostMethods, link };
}

function countParts({ messageType, service }: FileDescriptorProto): number {
  const count = (types: readonly DescriptorProto[]): number =>
    types.reduce((sum, { nestedType }) => sum + 1 + count(nestedType), 0);
  return service.reduce((sum, { method }) => sum + method.length, count(messageType));
}

function isRemoved(name: string, removed: ReadonlySet<string>): boolean {
  if (removed.size === 0) return false;
  for (let end = name.length; end > 0; end = name.lastIndexOf(".", end - 1)) {
    if (removed.has(name.slice(0, end))) return true;
  }
  return false;
}

/** protobuf's scoping: `.a.b` is absolute, else the name is looked for from the innermost scope outward. */
function* candidates(reference: string, scope: string): Generator<string> {
  if (reference.startsWith(".")) {
    yield reference.slice(1);
    return;
  }
  for (let inner = scope; inner !== ""; inner = inner.slice(0, Math.max(0, inner.lastIndexOf(".")))) {
    yield `${inner}.${reference}`;
  }
  yield reference;
}

/** Paths of the files that a file imports, directly or through others, without itself. */
export function importClosure(
  file: FileDescriptorProto,
  byPath: ReadonlyMap<string, FileDescriptorProto>,
): ReadonlySet<string> {
  const found = new Set<string>();
  const pending = [...file.dependency];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const imported = byPath.get(path);
    if (imported === undefined || path === file.name || found.has(path)) continue;
    found.add(path);
    pending.push(...imported.dependency);
  }
  return found;
}

/** Files that import one another in a circle keep their given order. */
function sortByDependency(files: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const byPath = new Map(files.map((file) => [file.name, file]));
  const sorted: FileDescriptorProto[] = [];
  const visited = new Set<string>();
  const visit = (file: FileDescriptorProto) => {
    if (visited.has(file.name)) return;
    visited.add(file.name);
    for (const path of file.dependency) {
      const imported = byPath.get(path);
      if (imported) visit(imported);
    }
    sorted.push(file);
  };
  for (const file of files) visit(file);
  return sorted;
}
