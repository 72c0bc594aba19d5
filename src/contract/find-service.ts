import { suggestNames } from "../suggest-name.ts";
import type { ContractService, ServiceLookup } from "./contract.ts";

const suffix = "Service";

/**
 * Look-up by any name that a client may use: the full name, or without package, or without the suffix `Service`, or
 * without both. The exact full name always wins; otherwise a name that fits several services is ambiguous.
 */
export function createServiceFinder(
  services: ReadonlyMap<string, ContractService>,
): (name: string) => ServiceLookup {
  const byAlias = new Map<string, ContractService[]>();
  for (const service of services.values()) {
    for (const alias of aliasesOf(service.fullName)) {
      const sharing = byAlias.get(alias);
      if (sharing) sharing.push(service);
      else byAlias.set(alias, [service]);
    }
  }

  return (name) => {
    const exact = services.get(name);
    if (exact) return { kind: "found", service: exact };
    const matches = byAlias.get(name) ?? [];
    const [only] = matches;
    if (only && matches.length === 1) return { kind: "found", service: only };
    if (only) return { kind: "ambiguous", fullNames: matches.map((service) => service.fullName) };
    return { kind: "unknown", suggestions: suggest(name, byAlias) };
  };
}

function aliasesOf(fullName: string): Set<string> {
  const shortName = fullName.slice(fullName.lastIndexOf(".") + 1);
  return new Set([fullName, shortName, withoutSuffix(fullName), withoutSuffix(shortName)]);
}

function withoutSuffix(name: string): string {
  const bare = name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
  return bare === "" || bare.endsWith(".") ? name : bare;
}

/** One suggestion per service, in the form that is closest to what was asked. */
function suggest(name: string, byAlias: ReadonlyMap<string, readonly ContractService[]>): string[] {
  const seen = new Set<string>();
  const close = suggestNames(name, byAlias.keys());
  // perhaps only the package is wrong
  if (close.length === 0) close.push(...suggestNames(name.slice(name.lastIndexOf(".") + 1), byAlias.keys()));
  return close.filter((alias) => {
    const service = byAlias.get(alias)?.[0]?.fullName ?? alias;
    if (seen.has(service)) return false;
    seen.add(service);
    return true;
  });
}
