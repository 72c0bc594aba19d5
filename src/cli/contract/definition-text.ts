import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { createCommentFinder, type FindComment } from "../../contract/comments.ts";
import type { Contract, ContractMethod, ContractService } from "../../contract/contract.ts";
import type { Definition } from "./describe-name.ts";
import { usesOf } from "./type-uses.ts";

/** A definition as a `.proto` file would have it, with what uses it or what it uses. */
export function definitionText(definition: Definition, contract: Contract): string {
  const find = createCommentFinder();
  switch (definition.kind) {
    case "service":
      return serviceText(definition.service, find);
    case "method":
      return methodText(definition.method, find);
    case "message":
    case "enum":
      return [typeText(definition.desc, find), usesText(definition.desc, contract)]
        .filter(Boolean)
        .join("\n\n");
    default:
      return definition satisfies never;
  }
}

function serviceText(service: ContractService, find: FindComment): string {
  const methods = [...service.methods.values()].map((method) => rpcText(method, find, "  "));
  return [
    `${comment(find(service.desc), "")}service ${service.fullName} {`,
    ...methods,
    "}",
    "",
    `from ${service.source}`,
  ].join("\n");
}

function methodText(method: ContractMethod, find: FindComment): string {
  const { desc, service, readsOnly } = method;
  const messages = [...new Set([desc.input, desc.output])];
  const facts = [
    `of ${service.fullName}, from ${service.source}`,
    ...(readsOnly ? ["only reads: it changes nothing"] : []),
  ];
  return [
    rpcText(method, find, ""),
    facts.join("; "),
    ...messages.map((message) => typeText(message, find)),
  ].join("\n\n");
}

function rpcText({ name, desc, kind }: ContractMethod, find: FindComment, indent: string): string {
  const takes = kind === "client_streaming" || kind === "bidi_streaming" ? "stream " : "";
  const gives = kind === "server_streaming" || kind === "bidi_streaming" ? "stream " : "";
  const { package: scope } = desc.parent.file.proto;
  return `${comment(find(desc), indent)}${indent}rpc ${name}(${takes}${within(desc.input.typeName, scope)}) returns (${gives}${within(desc.output.typeName, scope)});`;
}

function typeText(desc: DescMessage | DescEnum, find: FindComment): string {
  const head = `${comment(find(desc), "")}${desc.kind} ${desc.typeName}`;
  if (desc.kind === "enum") {
    const values = desc.values.map(
      (value) => `${comment(find(value), "  ")}  ${value.name} = ${value.number};`,
    );
    return `${head} {\n${values.join("\n")}\n}`;
  }
  if (desc.members.length === 0) return `${head} {}`;
  const members = desc.members.map((member) => {
    if (member.kind === "field") return fieldText(member, find, "  ");
    return `  oneof ${member.name} {\n${member.fields.map((field) => fieldText(field, find, "    ")).join("\n")}\n  }`;
  });
  return `${head} {\n${members.join("\n")}\n}`;
}

function fieldText(field: DescField, find: FindComment, indent: string): string {
  return `${comment(find(field), indent)}${indent}${fieldType(field)} ${field.name} = ${field.number};`;
}

/** As a `.proto` file writes it: `repeated ObjectRef`, `map<string, int32>`. */
export function fieldType(field: DescField): string {
  const { package: scope } = field.parent.file.proto;
  const single = field.message?.typeName ?? field.enum?.typeName;
  const scalar = field.scalar === undefined ? "" : ScalarType[field.scalar].toLowerCase();
  const type = single === undefined ? scalar : within(single, scope);
  if (field.fieldKind === "map") return `map<${ScalarType[field.mapKey].toLowerCase()}, ${type}>`;
  if (field.fieldKind === "list") return `repeated ${type}`;
  return field.proto.proto3Optional ? `optional ${type}` : type;
}

/** A full name as it may be written inside its package. */
function within(typeName: string, scope: string): string {
  return scope !== "" && typeName.startsWith(`${scope}.`) ? typeName.slice(scope.length + 1) : typeName;
}

function usesText(desc: DescMessage | DescEnum, contract: Contract): string {
  const uses = usesOf(desc, contract);
  const lines = [
    ...list("taken by", uses.takenBy),
    ...list("given by", uses.givenBy),
    ...list("in messages", uses.inMessages),
  ];
  return lines.length === 0 ? "no method and no message uses it" : lines.join("\n");
}

const shown = 20;

function list(title: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const more = names.length > shown ? [`  and ${names.length - shown} more (--json lists all)`] : [];
  return [title, ...names.slice(0, shown).map((name) => `  ${name}`), ...more];
}

function comment(text: string | undefined, indent: string): string {
  if (text === undefined) return "";
  return text
    .split("\n")
    .map((line) => `${`${indent}// ${line}`.trimEnd()}\n`)
    .join("");
}
