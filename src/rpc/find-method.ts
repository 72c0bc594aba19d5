import type { Contract, ContractMethod, Generation, ServiceLookup } from "../contract/contract.ts";
import { ProxyError } from "../errors.ts";
import { suggestNames } from "../suggest-name.ts";
import type { CallTarget, Contracts } from "./session.ts";

/**
 * The method that a client's names mean: the connected generation's, else the other's.
 * @throws ProxyError `unknown_service`, `ambiguous_service` or `unknown_method`, with what was perhaps meant.
 */
export function findTarget(
  contracts: Contracts,
  connected: Generation,
  serviceName: string,
  methodName: string,
): CallTarget {
  const own = contracts[connected].findService(serviceName);
  const native = methodIn(own, methodName);
  if (native !== undefined) return { method: native, isNative: true };
  const other = contracts[connected === "alpha5" ? "beta2" : "alpha5"].findService(serviceName);
  const foreign = methodIn(other, methodName);
  if (foreign !== undefined) return { method: foreign, isNative: false };
  throw notFound(contracts[connected], own, other, serviceName, methodName);
}

function methodIn(lookup: ServiceLookup, name: string): ContractMethod | undefined {
  return lookup.kind === "found" ? lookup.service.methods.get(name) : undefined;
}

function notFound(
  contract: Contract,
  own: ServiceLookup,
  other: ServiceLookup,
  serviceName: string,
  methodName: string,
): ProxyError {
  const ambiguous = [own, other].find((lookup) => lookup.kind === "ambiguous");
  if (ambiguous?.kind === "ambiguous") {
    const names = ambiguous.fullNames.map((name) => `"${name}"`).join(", ");
    return new ProxyError(
      "ambiguous_service",
      `the service name "${shown(serviceName)}" fits several services; use one of the full names ${names}`,
    );
  }
  const services = [own, other].flatMap((lookup) => (lookup.kind === "found" ? [lookup.service] : []));
  const [service] = services;
  if (service === undefined) {
    const meant = own.kind === "unknown" ? own.suggestions : [];
    return new ProxyError(
      "unknown_service",
      `there is no service "${shown(serviceName)}" in the contract (${contract.services.size} services)${didYouMean(meant)}`,
    );
  }
  const names = new Set(services.flatMap((each) => [...each.methods.keys()]));
  return new ProxyError(
    "unknown_method",
    `the service "${service.fullName}" has no method "${shown(methodName)}"${didYouMean(suggestNames(methodName, names))}`,
  );
}

function didYouMean(names: readonly string[]): string {
  if (names.length === 0) return "";
  return `; did you mean ${names.map((name) => `"${name}"`).join(" or ")}?`;
}

/** What a client sent, safe and short enough to repeat in a message. */
function shown(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get into logs
  const visible = name.replace(/[\u0000-\u001f\u007f]/g, "?");
  return visible.length > 120 ? `${visible.slice(0, 120)}…` : visible;
}
