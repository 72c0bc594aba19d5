import type { DescEnum, DescMessage } from "@bufbuild/protobuf";
import type { Contract } from "../../contract/contract.ts";
import { typesOf } from "./describe-name.ts";

/** Where a type stands. Methods as `Service/method`, fields as `message.field`, all by full name. */
export interface TypeUses {
  readonly takenBy: readonly string[];
  readonly givenBy: readonly string[];
  readonly inMessages: readonly string[];
}

export function usesOf({ typeName }: DescMessage | DescEnum, contract: Contract): TypeUses {
  const methods = [...contract.services.values()].flatMap((service) => [...service.methods.values()]);
  const nameOf = ({ service, name }: (typeof methods)[number]) => `${service.fullName}/${name}`;
  const fields = typesOf(contract).flatMap((desc) => (desc.kind === "message" ? desc.fields : []));
  return {
    takenBy: methods.filter(({ desc }) => desc.input.typeName === typeName).map(nameOf),
    givenBy: methods.filter(({ desc }) => desc.output.typeName === typeName).map(nameOf),
    inMessages: fields
      .filter((field) => (field.message ?? field.enum)?.typeName === typeName)
      .map((field) => `${field.parent.typeName}.${field.name}`),
  };
}
