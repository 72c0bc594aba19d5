import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Contract } from "../../contract/contract.ts";
import { generationTitles } from "../../rpc/translation-plan.ts";
import { readFetchClient } from "../../types/write-shipped-types.ts";
import { writeTypes } from "../../types/write-types.ts";
import { type CommandContext, exitCodes, FailureError, UsageError } from "../command.ts";
import { loadContract } from "./load-contract.ts";

/** Prints the types of the contract that the settings amount to, or writes them to a file. */
export async function printTypes(context: CommandContext): Promise<number> {
  const { settings, print } = context;
  const contract = await loadContract(context);
  const services = findServices(contract, settings.get("service"));
  const sources = contract.report.sources.map(({ source }) => source).join(", ");
  const text = writeTypes({
    contract,
    services,
    apiName: "Api",
    title: `Types and client of ${services === undefined ? "what octane-proxy can call" : [...services].join(", ")}.\nContract: ${generationTitles[contract.generation]}, from ${sources}. Written by octane-proxy types: change its options, not this file.`,
    client: { text: readFetchClient() },
  });
  const file = settings.get("output");
  if (file === undefined) print(text.trimEnd());
  else write(file, text);
  return exitCodes.done;
}

function write(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (cause) {
    throw new FailureError(`--output: cannot write ${file}: ${(cause as Error).message}`, { cause });
  }
}

function findServices(
  contract: Contract,
  names: readonly string[] | undefined,
): ReadonlySet<string> | undefined {
  return names === undefined ? undefined : new Set(names.map((name) => findService(contract, name)));
}

function findService(contract: Contract, name: string): string {
  const lookup = contract.findService(name);
  if (lookup.kind === "found") return lookup.service.fullName;
  const near = lookup.kind === "unknown" ? lookup.suggestions : lookup.fullNames;
  const hint = near.length === 0 ? "" : `; did you mean ${near.join(" or ")}?`;
  throw new UsageError(`--service: no service "${name}"${hint}\noctane-proxy contract lists all`);
}
