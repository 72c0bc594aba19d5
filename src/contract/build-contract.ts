import { createRegistry, type DescMethod, type DescService, type Registry } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import type { Contract, ContractMethod, ContractReport, ContractService, Generation } from "./contract.ts";
import type { ContractPart } from "./contract-part.ts";
import { createServiceFinder } from "./find-service.ts";
import { isReviewedRead } from "./reads.ts";

/** Joins parts, the first of which wins service by service, into one contract. */
export function buildContract(generation: Generation, parts: readonly ContractPart[]): Contract {
  const found = new Map<string, ContractService>();
  const sources: ContractReport["sources"][number][] = [];
  const leftOut: ContractReport["leftOut"][number][] = [];
  for (const part of parts) {
    const services: ContractService[] = [];
    const ofEarlierParts = new Map(found);
    for (const pool of part.pools) {
      for (const desc of pool.services) {
        const source = part.sourceOf?.(desc) ?? part.source;
        const earlier = ofEarlierParts.get(desc.typeName);
        // replacing what is built in is what sources are for; one source hiding another is worth telling
        if (earlier && part.source !== "built-in") {
          leftOut.push({ file: source, reason: `service ${desc.typeName} is taken from ${earlier.source}` });
        }
        if (found.has(desc.typeName)) continue;
        const service = describeService(desc, source, pool.registry);
        found.set(desc.typeName, service);
        services.push(service);
      }
    }
    leftOut.push(...part.leftOut);
    sources.push({
      source: part.source,
      files: part.fileCount,
      services: services.length,
      methods: services.reduce((sum, service) => sum + service.methods.size, 0),
    });
  }
  const names = [...found.keys()].sort();
  const services = new Map(names.flatMap((name) => entryOf(found, name)));
  // the last one given to createRegistry wins, so the part that comes first goes last
  const registries = parts.flatMap((part) => part.pools.map((pool) => pool.registry)).reverse();
  return Object.freeze({
    generation,
    services,
    report: Object.freeze({
      sources: Object.freeze(sources),
      leftOut: Object.freeze(withoutRepeats(leftOut)),
    }),
    findService: createServiceFinder(services),
    registry: registries.length === 1 && registries[0] ? registries[0] : createRegistry(...registries),
  });
}

/** A file that two sources use is told about once. */
function withoutRepeats(leftOut: ContractReport["leftOut"]): ContractReport["leftOut"] {
  const told = new Map(leftOut.map((entry) => [`${entry.file}:${entry.line}:${entry.reason}`, entry]));
  return [...told.values()];
}

function entryOf(map: ReadonlyMap<string, ContractService>, name: string): [string, ContractService][] {
  const service = map.get(name);
  return service ? [[name, service]] : [];
}

function describeService(desc: DescService, source: string, registry: Registry): ContractService {
  const methods = new Map<string, ContractMethod>();
  const service: ContractService = { fullName: desc.typeName, desc, methods, source, registry };
  for (const method of desc.methods) {
    methods.set(
      method.name,
      Object.freeze({
        name: method.name,
        path: `/${desc.typeName}/${method.name}`,
        kind: method.methodKind,
        desc: method,
        readsOnly: readsOnly(method),
        service,
      }),
    );
  }
  return Object.freeze(service);
}

function readsOnly(method: DescMethod): boolean {
  return (
    method.idempotency === Idempotency.NO_SIDE_EFFECTS || isReviewedRead(method.parent.typeName, method.name)
  );
}
