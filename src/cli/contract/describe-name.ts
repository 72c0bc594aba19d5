import type { DescEnum, DescMessage } from "@bufbuild/protobuf";
import type { Contract, ContractMethod, ContractService } from "../../contract/contract.ts";
import { suggestNames } from "../../suggest-name.ts";
import { type CommandContext, exitCodes, UsageError } from "../command.ts";
import { definitionAsJson } from "./definition-json.ts";
import { definitionText } from "./definition-text.ts";
import { loadContract } from "./load-contract.ts";

/** Something in a contract that has a definition. */
export type Definition =
  | { readonly kind: "service"; readonly service: ContractService }
  | { readonly kind: "method"; readonly method: ContractMethod }
  | { readonly kind: "message"; readonly desc: DescMessage }
  | { readonly kind: "enum"; readonly desc: DescEnum };

/** Prints the definition of what the operand names. @throws UsageError where nothing has the name, or several do */
export async function describeName(context: CommandContext): Promise<number> {
  const contract = await loadContract(context);
  const definition = findDefinition(contract, context.operands[0] ?? "");
  const isJson = context.settings.get("json") === true;
  context.print(
    isJson
      ? JSON.stringify(definitionAsJson(definition, contract), null, 2)
      : definitionText(definition, contract),
  );
  return exitCodes.done;
}

/** Services win over messages of the same name; `Service/method` and `Service.method` mean a method. */
export function findDefinition(contract: Contract, name: string): Definition {
  const service = findService(contract, name);
  if (service !== undefined) return { kind: "service", service };
  const cut = Math.max(name.lastIndexOf("/"), name.lastIndexOf("."));
  const owner = cut > 0 ? findService(contract, name.slice(0, cut)) : undefined;
  const method = owner?.methods.get(name.slice(cut + 1));
  if (method !== undefined) return { kind: "method", method };
  const found = findTypes(contract, name);
  const [only] = found;
  if (only !== undefined && found.length === 1) {
    return only.kind === "message" ? { kind: "message", desc: only } : { kind: "enum", desc: only };
  }
  if (only !== undefined) {
    throw new UsageError(
      `"${name}" fits ${found.map(({ typeName }) => typeName).join(", ")}: give the full name`,
    );
  }
  if (owner !== undefined && name[cut] === "/") {
    const near = suggestNames(name.slice(cut + 1), owner.methods.keys());
    throw new UsageError(
      `the service "${owner.fullName}" has no method "${name.slice(cut + 1)}"${didYouMean(near)}\noctane-proxy describe ${name.slice(0, cut)} lists all`,
    );
  }
  throw new UsageError(
    `nothing in the contract is called "${name}"${didYouMean(near(contract, name))}\noctane-proxy contract lists all services`,
  );
}

function findService(contract: Contract, name: string): ContractService | undefined {
  const lookup = contract.findService(name);
  return lookup.kind === "found" ? lookup.service : undefined;
}

/** The type with this full name, else all whose full name ends in it. */
function findTypes(contract: Contract, name: string): readonly (DescMessage | DescEnum)[] {
  const types = typesOf(contract).filter(
    ({ typeName }) => typeName === name || typeName.endsWith(`.${name}`),
  );
  const exact = types.filter(({ typeName }) => typeName === name);
  return exact.length > 0 ? exact : types;
}

/** Every message and enum once, by full name. */
export function typesOf(contract: Contract): readonly (DescMessage | DescEnum)[] {
  const types = new Map<string, DescMessage | DescEnum>();
  for (const desc of contract.registry) {
    if (desc.kind === "message" || desc.kind === "enum") types.set(desc.typeName, desc);
  }
  return [...types.values()];
}

function near(contract: Contract, name: string): readonly string[] {
  const lookup = contract.findService(name);
  const local = name.slice(name.lastIndexOf(".") + 1);
  const names = typesOf(contract).map((desc) => desc.name);
  return [
    ...new Set([...(lookup.kind === "unknown" ? lookup.suggestions : []), ...suggestNames(local, names)]),
  ];
}

function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? "" : `; did you mean ${names.slice(0, 3).join(" or ")}?`;
}
