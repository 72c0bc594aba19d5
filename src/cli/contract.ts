import type { Contract, ContractService, Generation } from "../contract/contract.ts";
import { createContracts } from "../contract/create-contracts.ts";
import { resolveOptions } from "../options.ts";
import { type Command, exitCodes, UsageError } from "./command.ts";
import { describeContract, describeService } from "./contract-text.ts";
import { namingSettings, readProxyOptions } from "./proxy-options.ts";
import { reflectUpstream } from "./reflect-upstream.ts";

/** Lists what can be called, where it was loaded from, and what was left out and why. */
export const contract: Command = {
  name: "contract",
  summary: "lists what can be called, its sources and what was left out",
  description:
    "Lists the services that can be called, the sources they were loaded from, and what was left out and why. Where " +
    "neither --generation nor a source of your own decides, both generations of Octane's API are listed. Octane is " +
    "asked only with --reflection.",
  operands: [{ syntax: "[service]", description: "list the RPCs of this service only, such as ApiItem" }],
  examples: [
    { line: "octane-proxy contract", does: "lists the built-in contract" },
    {
      line: "octane-proxy contract --proto ./protos",
      does: "tells how a directory of .proto files was understood",
    },
    { line: "octane-proxy contract ApiItem --generation beta2", does: "lists the RPCs of one service" },
  ],
  async run({ settings, operands, environment, print }) {
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
  },
};

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
