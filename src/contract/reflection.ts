import { fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { ProxyError } from "../errors.ts";
import { ContractSourceError } from "./contract-source-error.ts";
import type { LeftOut } from "./proto-directory.ts";
import {
  createReflectionProtocol,
  type ReflectionAnswer,
  type ReflectionProtocol,
  type ReflectionQuestion,
} from "./reflection-protocol.ts";
import { wellKnownFiles } from "./well-known-files.ts";

/** The part of `Upstream` that reflection needs. */
export interface ReflectionUpstream {
  readonly address: string;
  stream(
    path: string,
    requests: AsyncIterable<Uint8Array>,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  ): { readonly messages: AsyncIterable<Uint8Array>; cancel(): void };
}

export interface ReflectedFiles {
  readonly files: readonly FileDescriptorProto[];
  /** Services and files that the server named and then would not give. */
  readonly leftOut: readonly LeftOut[];
}

/** Far above any real API: a server cannot make the proxy fetch or keep more than this. */
const limits = { services: 10_000, files: 10_000, bytes: 64 * 1024 * 1024 };

/**
 * Fetches the whole contract of a server by gRPC server reflection, v1 or else v1alpha.
 * @throws ContractSourceError when the server has neither
 * @throws ProxyError as the upstream does
 */
export async function reflectFiles(
  upstream: ReflectionUpstream,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<ReflectedFiles> {
  const protocol = createReflectionProtocol();
  for (const version of ["v1", "v1alpha"]) {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const conversation = openConversation(upstream, path, options, protocol);
    try {
      return await fetchFiles(conversation.ask);
    } catch (error) {
      if (!(error instanceof ProxyError && error.code === "UNIMPLEMENTED")) throw error;
    } finally {
      conversation.close();
    }
  }
  throw new ContractSourceError(
    `the server at ${upstream.address} has no gRPC reflection, neither v1 nor v1alpha: ` +
      "give its .proto files with --proto or --descriptor-set",
  );
}

type Ask = (question: ReflectionQuestion) => Promise<ReflectionAnswer>;

async function fetchFiles(ask: Ask): Promise<ReflectedFiles> {
  const files = new Map<string, FileDescriptorProto>();
  const leftOut: LeftOut[] = [];
  let bytes = 0;

  async function fetch(question: ReflectionQuestion & { name: string }, what: string): Promise<void> {
    const answer = await ask(question);
    if (answer.kind !== "files") {
      const why = answer.kind === "error" ? answer.message : "the answer was no file";
      leftOut.push({ file: "reflection", reason: `${what} '${question.name}' cannot be had: ${why}` });
      return;
    }
    for (const wire of answer.files) {
      bytes += wire.byteLength;
      if (bytes > limits.bytes || files.size >= limits.files) {
        throw new ContractSourceError(
          `reflection gave more than ${limits.files} files or ${limits.bytes} bytes: use --descriptor-set instead`,
        );
      }
      const file = fromBinary(FileDescriptorProtoSchema, wire);
      if (!files.has(file.name)) files.set(file.name, file);
    }
  }

  const listed = await ask({ kind: "list_services" });
  if (listed.kind !== "services") {
    const why = listed.kind === "error" ? listed.message : "the answer was no list";
    throw new ContractSourceError(`reflection does not list its services: ${why}`);
  }
  if (listed.names.length > limits.services) {
    throw new ContractSourceError(`reflection lists more than ${limits.services} services`);
  }
  const known = new Set<string>();
  for (const name of listed.names.filter((listedName) => !listedName.startsWith("grpc.reflection."))) {
    if (known.has(name)) continue;
    await fetch({ kind: "file_containing_symbol", name }, "service");
    for (const file of files.values()) {
      for (const service of file.service)
        known.add(file.package ? `${file.package}.${service.name}` : service.name);
    }
  }
  await fetchImports(files, (name) => fetch({ kind: "file_by_filename", name }, "file"));
  return { files: [...files.values()], leftOut };
}

async function fetchImports(
  files: Map<string, FileDescriptorProto>,
  fetch: (path: string) => Promise<void>,
): Promise<void> {
  const wellKnown = wellKnownFiles();
  const asked = new Set<string>();
  // the map grows while it is walked: what an import brings in has imports of its own
  for (const file of files.values()) {
    for (const path of file.dependency) {
      if (files.has(path) || asked.has(path)) continue;
      asked.add(path);
      const known = wellKnown.get(path);
      if (known) files.set(path, known);
      else await fetch(path);
    }
  }
}

/** One stream, on which each question waits for its answer. */
function openConversation(
  upstream: ReflectionUpstream,
  path: string,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  protocol: ReflectionProtocol,
): { ask: Ask; close(): void } {
  let send: (wire: Uint8Array | undefined) => void = () => {};
  let next = new Promise<Uint8Array | undefined>((resolve) => {
    send = resolve;
  });
  async function* requests(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const wire = await next;
      if (wire === undefined) return;
      next = new Promise((resolve) => {
        send = resolve;
      });
      yield wire;
    }
  }
  const stream = upstream.stream(path, requests(), options);
  const answers = stream.messages[Symbol.asyncIterator]();
  return {
    async ask(question) {
      send(protocol.encode(question));
      const answer = await answers.next();
      if (answer.done) throw new ContractSourceError("reflection ended before it answered");
      return protocol.decode(answer.value);
    },
    close() {
      send(undefined);
      stream.cancel();
    },
  };
}
