import type { AnyDesc, DescEnum, DescMessage } from "@bufbuild/protobuf";
import { createCommentFinder, type FindComment } from "../../contract/comments.ts";
import type { Contract, ContractMethod } from "../../contract/contract.ts";
import { fieldType } from "./definition-text.ts";
import type { Definition } from "./describe-name.ts";
import { usesOf } from "./type-uses.ts";

/** A definition for programs. */
export function definitionAsJson(definition: Definition, contract: Contract): object {
  const find = createCommentFinder();
  switch (definition.kind) {
    case "service": {
      const { fullName, source, desc, methods } = definition.service;
      return {
        kind: "service",
        name: fullName,
        ...commentOf(desc, find),
        source,
        methods: [...methods.values()].map((method) => methodAsJson(method, find)),
      };
    }
    case "method": {
      const { method } = definition;
      const { input, output } = method.desc;
      return {
        kind: "method",
        service: method.service.fullName,
        ...methodAsJson(method, find),
        requestType: typeAsJson(input, find),
        replyType: typeAsJson(output, find),
      };
    }
    case "message":
    case "enum":
      return { ...typeAsJson(definition.desc, find), usedBy: usesOf(definition.desc, contract) };
    default:
      return definition satisfies never;
  }
}

function methodAsJson({ name, kind, readsOnly, desc }: ContractMethod, find: FindComment): object {
  return {
    name,
    ...commentOf(desc, find),
    streaming: kind,
    readsOnly,
    request: desc.input.typeName,
    reply: desc.output.typeName,
  };
}

function typeAsJson(desc: DescMessage | DescEnum, find: FindComment): object {
  const head = { kind: desc.kind, name: desc.typeName, ...commentOf(desc, find) };
  if (desc.kind === "enum") {
    const values = desc.values.map((value) => ({
      name: value.name,
      number: value.number,
      ...commentOf(value, find),
    }));
    return { ...head, values };
  }
  const fields = desc.fields.map((field) => ({
    name: field.name,
    number: field.number,
    type: fieldType(field),
    ...(field.oneof === undefined ? {} : { oneof: field.oneof.name }),
    ...commentOf(field, find),
  }));
  return { ...head, fields };
}

function commentOf(desc: AnyDesc, find: FindComment): { comment?: string } {
  const comment = find(desc);
  return comment === undefined ? {} : { comment };
}
