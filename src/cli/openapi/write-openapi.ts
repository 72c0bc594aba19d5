import { writeFileSync } from "node:fs";
import type { Contract, ContractService } from "../../contract/contract.ts";
import { createContracts } from "../../contract/create-contracts.ts";
import { createDocument, wholeContract } from "../../openapi/document.ts";
import { dialectNames } from "../../openapi/schema-form.ts";
import { resolveOptions } from "../../options.ts";
import { readVersion } from "../../package.ts";
import { type CommandContext, exitCodes, FailureError, UsageError } from "../command.ts";
import { reflectUpstream } from "../contract/reflect-upstream.ts";
import { namingSettings, readProxyOptions } from "../proxy-options.ts";

/** @throws UsageError for a service that is not there, FailureError for a file that cannot be written */
export async function writeOpenApi({ settings, environment, print }: CommandContext): Promise<number> {
  const options = readProxyOptions(settings, environment);
  const reflected = options.reflection ? await reflectUpstream(resolveOptions(options)) : undefined;
  const contracts = namingSettings(settings, () =>
    createContracts({ protoDirs: options.proto, descriptorSets: options.descriptorSet, reflected }),
  );
  const wanted = options.generation === "auto" ? undefined : options.generation;
  const contract = contracts.of(wanted ?? contracts.decidedGeneration ?? "beta2");
  const names = settings.get("service");
  const document = createDocument({
    contract,
    ...(names === undefined
      ? wholeContract(contract)
      : { services: names.map((name) => findService(contract, name)), hasProxyRoutes: false }),
    dialects: dialectNames,
    version: readVersion(),
    serverUrl: "http://127.0.0.1:51023",
    needsToken: false,
  });
  const json = JSON.stringify(document, null, 2);
  const file = settings.get("output");
  if (file === undefined) print(json);
  else writeFile(file, `${json}\n`);
  return exitCodes.done;
}

function findService(contract: Contract, name: string): ContractService {
  const lookup = contract.findService(name);
  switch (lookup.kind) {
    case "found":
      return lookup.service;
    case "ambiguous":
      throw new UsageError(`--service: "${name}" fits several services: ${lookup.fullNames.join(", ")}`);
    case "unknown": {
      const hint =
        lookup.suggestions.length === 0 ? "" : `; did you mean ${lookup.suggestions.join(" or ")}?`;
      throw new UsageError(`--service: no service "${name}"${hint}\noctane-proxy contract lists all`);
    }
  }
}

function writeFile(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FailureError(`--output: ${JSON.stringify(path)} cannot be written: ${reason}`, {
      cause: error,
    });
  }
}
