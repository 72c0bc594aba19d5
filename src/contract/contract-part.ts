import type { DescService } from "@bufbuild/protobuf";
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import type { ContractReport, Generation } from "./contract.ts";
import { type DescriptorPool, poolFromGoodFiles } from "./descriptor-pool.ts";
import { linkFiles } from "./link-files.ts";
import { type FilePool, partIntoPools } from "./pools.ts";
import type { LeftOut } from "./proto-directory.ts";

/** What one source gives to a contract. */
export interface ContractPart {
  /** As the report names it: `built-in`, a directory, `descriptor set FILE`, `reflection`. */
  readonly source: string;
  /** In order of precedence: a service that several define is taken from the first. */
  readonly pools: readonly DescriptorPool[];
  /** Files read, without those that come with the program. */
  readonly fileCount: number;
  readonly leftOut: ContractReport["leftOut"];
  /** Where a service was defined; absent: `source`. */
  readonly sourceOf?: (service: DescService) => string;
}

export interface PartInput {
  readonly source: string;
  /** Unlinked or linked, in any order. */
  readonly files: readonly FileDescriptorProto[];
  /** Where files came from, by their path in `files`. */
  readonly origins: ReadonlyMap<string, string>;
  /** The source's own files, without those that it takes from elsewhere. */
  readonly fileCount: number;
  readonly leftOut: readonly LeftOut[];
}

/** Links files into pools, so that every service that can be served is, and tells what cannot. */
export function createContractPart(input: PartInput): ContractPart {
  const leftOut = [...input.leftOut];
  const originOf = (path: string) => input.origins.get(path) ?? path;
  const served = new Map<string, DescService>();
  const pools: DescriptorPool[] = [];
  for (const filePool of partIntoPools(input.files)) {
    const linked = linkFiles(filePool.files);
    // files that came along as imports were linked, and told about, with the first pool
    const isReported = (path: string) => pools.length === 0 || filePool.clashes.has(path);
    const lost = linked.leftOut.filter(({ path }) => isReported(path));
    leftOut.push(...lost.map(({ path, reason }) => ({ file: originOf(path), reason })));
    const pool = poolFromGoodFiles(linked.files, (path, reason) => {
      if (isReported(path)) leftOut.push({ file: originOf(path), reason });
    });
    leftOut.push(...tellUnserved(pool, filePool, served, originOf));
    const fresh = pool.services.filter((service) => !served.has(service.typeName));
    if (pools.length > 0 && fresh.length === 0) continue;
    for (const service of fresh) served.set(service.typeName, service);
    pools.push(pool);
  }
  return {
    source: input.source,
    pools,
    fileCount: input.fileCount,
    leftOut,
    sourceOf: (service) => originOf(service.file.proto.name),
  };
}

/** What of a further pool does not make it into the contract, and why. */
function tellUnserved(
  pool: DescriptorPool,
  { clashes }: FilePool,
  served: ReadonlyMap<string, DescService>,
  originOf: (path: string) => string,
): LeftOut[] {
  return [...clashes].flatMap(([path, clash]): LeftOut[] => {
    const file = originOf(path);
    const services = pool.services.filter((service) => service.file.proto.name === path);
    if (services.length === 0) {
      return [{ file, reason: `it redefines '${clash.name}' of ${clash.otherPath} and has no service` }];
    }
    return services.flatMap((service): LeftOut[] => {
      const used = served.get(service.typeName);
      if (used === undefined) return [];
      const known = new Set(used.methods.map((method) => method.name));
      const lost = service.methods.filter((method) => !known.has(method.name)).map((method) => method.name);
      const also = lost.length === 0 ? "" : `; only here: ${lost.join(", ")}`;
      const where = used.file.proto.name;
      return [{ file, reason: `service ${service.typeName} is taken from ${where}${also}` }];
    });
  });
}

/** The generation of Octane that a part describes; undefined for another API, and for an Octane's without items. */
export function generationOf(part: ContractPart): Generation | undefined {
  for (const pool of part.pools) {
    const service = pool.registry.getService("octaneapi.ApiItemService");
    const names = new Set(service?.methods.map((method) => method.name));
    if (names.has("getValueByAttrID")) return "beta2";
    if (names.has("getByAttrID")) return "alpha5";
  }
  return undefined;
}
