import type { DescEnum, DescMessage } from "@bufbuild/protobuf";
import { createCommentFinder } from "../contract/comments.ts";
import type { Contract, ContractMethod, ContractService, MethodKind } from "../contract/contract.ts";
import { docComment, propertyName } from "./source-text.ts";
import { createTypeKeys, createTypeNames, type TypeKeys, type TypeNames } from "./type-names.ts";
import {
  type Direction,
  enumDeclaration,
  isNull,
  isWrittenInPlace,
  messageDeclaration,
  messageType,
} from "./type-text.ts";

export interface TypesOptions {
  readonly contract: Contract;
  /** Full names; all where it is undefined. */
  readonly services?: ReadonlySet<string> | undefined;
  /** Of the type that lists services and methods. */
  readonly apiName: string;
  /** First lines, without comment marks. */
  readonly title: string;
  /** TypeScript of the client that the file is to hold, or where it is imported from. */
  readonly client: { readonly text: string } | { readonly importFrom: string; readonly text: string };
}

/** Words that TypeScript keeps for itself where a type's name stands. */
const keywords =
  "any as async await bigint boolean break case catch class const continue debugger declare default delete do else " +
  "enum export extends false finally for from function if implements import in infer instanceof interface is keyof " +
  "let module namespace never new null number object of package private protected public readonly require return " +
  "satisfies static string super switch symbol this throw true try type typeof undefined unique unknown var void " +
  "while with yield Int64 Int64Input Bytes BytesInput Empty OneOf OneOfReply Date Exclude Record " +
  "Unary ServerStreaming ClientStreaming BidiStreaming";

/**
 * A TypeScript module with the types of everything that the contract's methods take and give, as the plain JSON
 * dialect has it. The same contract gives the same text.
 */
export function writeTypes(options: TypesOptions): string {
  const { contract, apiName, client } = options;
  const services = [...contract.services.values()].filter(
    ({ fullName }) => options.services?.has(fullName) ?? true,
  );
  const methods = services.flatMap((service) => [...service.methods.values()]);
  const keys = createTypeKeys();
  const sent = reachable(
    methods.map(({ desc }) => desc.input),
    keys,
  );
  const received = reachable(
    methods.map(({ desc }) => desc.output),
    keys,
  );
  const all = sortByName(new Map([...sent, ...received]).values());
  // every word of the client, because a type of that name would take the place of what the client means
  const reserved = new Set([...keywords.split(" "), apiName, ...wordsOf(client.text)]);
  const names = createTypeNames(all, reserved, keys);
  const find = createCommentFinder();
  const declare = (desc: DescMessage, direction: Direction) =>
    messageDeclaration(desc, direction, names, find);
  const declarations = all.flatMap((desc) => {
    if (desc.kind === "enum") return [enumDeclaration(desc, names, find)];
    return [
      ...(sent.has(keys.keyOf(desc)) ? [declare(desc, "input")] : []),
      ...(received.has(keys.keyOf(desc)) ? [declare(desc, "output")] : []),
    ];
  });
  const api = services.map((service) => serviceText(service, contract, names, (method) => find(method)));
  const apiDoc = docComment("Services and methods, for the client.", "");
  return [
    `${options.title
      .split("\n")
      .map((line) => `// ${line}`.trimEnd())
      .join("\n")}\n/* eslint-disable */\n`,
    "importFrom" in client
      ? `import type { BidiStreaming, ClientStreaming, ServerStreaming, Unary } from ${JSON.stringify(client.importFrom)};\n`
      : undefined,
    `${apiDoc}export interface ${apiName} {\n${api.join("")}}\n`,
    prelude,
    ...declarations,
    "importFrom" in client ? undefined : clientText(client.text, apiName),
  ]
    .filter((part) => part !== undefined)
    .join("\n");
}

function wordsOf(source: string): readonly string[] {
  return source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "").match(/[A-Za-z_$][\w$]*/g) ?? [];
}

const prelude = `/** Decimal digits: a number would lose some. */
export type Int64 = string;
export type Int64Input = string | number | bigint;
/** Base64. */
export type Bytes = string;
export type BytesInput = string | Uint8Array;
export type Empty = { readonly [name: string]: never };
/** At most one of the members. */
export type OneOf<Members> = {
  [K in keyof Members]: { [P in K]?: Members[P] | null | undefined } & {
    [P in Exclude<keyof Members, K>]?: null | undefined;
  };
}[keyof Members];
/** At most one of the members; under \`Name\` stands which one it is. */
export type OneOfReply<Name extends string, Members> =
  | {
      [K in keyof Members]: { [P in K]: Members[P] } & { [P in Name]: K } & {
        [P in Exclude<keyof Members, K>]?: undefined;
      };
    }[keyof Members]
  | ({ [P in keyof Members]?: undefined } & { [P in Name]?: undefined });
`;

function clientText(text: string, apiName: string): string {
  return `${text.trimEnd()}

/** A client for the services above. */
export function createClient(options: FetchClientOptions = {}): FetchClient<${apiName}> {
  return createFetchClient<${apiName}>(options);
}
`;
}

const kindTypes: Readonly<Record<MethodKind, string>> = {
  unary: "Unary",
  server_streaming: "ServerStreaming",
  client_streaming: "ClientStreaming",
  bidi_streaming: "BidiStreaming",
};

function serviceText(
  service: ContractService,
  contract: Contract,
  names: TypeNames,
  comment: (desc: ContractMethod["desc"] | ContractService["desc"]) => string | undefined,
): string {
  const methods = [...service.methods.values()].map(({ name, kind, desc }) => {
    const types = `${messageType(desc.input, "input", names)}, ${messageType(desc.output, "output", names)}`;
    return `${docComment(comment(desc), "    ")}    ${propertyName(name)}: ${kindTypes[kind]}<${types}>;\n`;
  });
  const key = propertyName(shortestName(service.fullName, contract));
  return `${docComment(comment(service.desc), "  ")}  ${key}: {\n${methods.join("")}  };\n`;
}

/** `ApiItem`, or as much of the full name as it takes to mean this service. */
export function shortestName(fullName: string, contract: Contract): string {
  const local = fullName.slice(fullName.lastIndexOf(".") + 1);
  const candidates = [local.replace(/(.)Service$/, "$1"), local];
  return (
    candidates.find((name) => {
      const lookup = contract.findService(name);
      return lookup.kind === "found" && lookup.service.fullName === fullName;
    }) ?? fullName
  );
}

/** Messages that have a declaration, and enums, that can be reached from these. */
function reachable(roots: readonly DescMessage[], names: TypeKeys): Map<string, DescMessage | DescEnum> {
  const found = new Map<string, DescMessage | DescEnum>();
  const pending = [...roots];
  for (let desc = pending.pop(); desc !== undefined; desc = pending.pop()) {
    if (isWrittenInPlace(desc) || found.has(names.keyOf(desc))) continue;
    found.set(names.keyOf(desc), desc);
    for (const { message, enum: values } of desc.fields) {
      if (message !== undefined) pending.push(message);
      if (values !== undefined && !isNull(values)) found.set(names.keyOf(values), values);
    }
  }
  return found;
}

function sortByName(descs: Iterable<DescMessage | DescEnum>): (DescMessage | DescEnum)[] {
  return [...descs].sort((a, b) => (a.typeName < b.typeName ? -1 : a.typeName > b.typeName ? 1 : 0));
}
