import type { Contract, ContractService, Generation } from "../../contract/contract.ts";
import { createContracts } from "../../contract/create-contracts.ts";
import { resolveOptions } from "../../options.ts";
import { type CommandContext, exitCodes, UsageError } from "../command.ts";
import { namingSettings, readProxyOptions } from "../proxy-options.ts";
import { describeContract, describeService } from "./contract-text.ts";
import { reflectUpstream } from "./reflect-upstream.ts";

/** Prints the contract that the settings amount to, or one service of it. */
export async function listContract(context: CommandContext): Promise<number> {
  const { settings, operands, environment, print } = context;
  const options = readProxyOptions(settings, environment);
  const reflected = options.reflection ? await reflectUpstream(resolveOptions(options)) : undefined;
  const contracts = namingSettings(settings, () =>
    createContracts({ protoDirs: options.proto, descriptorSets: options.descriptorSet, reflected }),
  );
  const wanted = options.generation === "auto" ? undefined : options.generation;
  const decided = wanted ?? contracts.decidedGeneration;
  const generations: readonly Generation[] = decided === undefined ? ["alpha5", "beta2"] : [decided];
  const listed = generations.map((generation) => contracts.of(generation));
  const isJson = settings.get("json") === true;
  const [name] = operands;
  if (name === undefined) {
    print(
      isJson ? json({ contracts: listed.map(contractAsJson) }) : listed.map(describeContract).join("\n\n"),
    );
    return exitCodes.done;
  }
  const services = findServices(listed, name);
  print(
    isJson ? json({ services: services.map(serviceAsJson) }) : services.map(describeService).join("\n\n"),
  );
  return exitCodes.done;
}

interface ListedService {
  readonly generation: Generation;
  readonly service: ContractService;
}

/** The service in each contract that has it. @throws UsageError when none has. */
function findServices(contracts: readonly Contract[], name: string): ListedService[] {
  const found: ListedService[] = [];
  const suggestions = new Set<string>();
  for (const contract of contracts) {
    const lookup = contract.findService(name);
    if (lookup.kind === "found") found.push({ generation: contract.generation, service: lookup.service });
    const near = lookup.kind === "ambiguous" ? lookup.fullNames : [];
    for (const other of lookup.kind === "unknown" ? lookup.suggestions : near) suggestions.add(other);
  }
  if (found.length > 0) return found;
  const hint = suggestions.size === 0 ? "" : `; did you mean ${[...suggestions].join(" or ")}?`;
  throw new UsageError(`no service "${name}"${hint}\noctane-proxy contract lists all`);
}

function contractAsJson({ generation, report, services }: Contract): object {
  const all = [...services.values()];
  return {
    generation,
    ...report,
    services: all.map((service) => ({
      name: service.fullName,
      source: service.source,
      methods: [...service.methods.keys()],
    })),
  };
}

function serviceAsJson({ generation, service }: ListedService): object {
  const methods = [...service.methods.values()].map((method) => ({
    name: method.name,
    kind: method.kind,
    request: method.desc.input.typeName,
    reply: method.desc.output.typeName,
    readsOnly: method.readsOnly,
  }));
  return { generation, name: service.fullName, source: service.source, methods };
}

function json(value: object): string {
  return JSON.stringify(value, null, 2);
}
