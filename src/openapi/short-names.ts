import type { Contract, ContractService } from "../contract/contract.ts";

/** First path segments that are never a service: a service of that name needs its package or suffix. */
export const reservedNames: ReadonlySet<string> = new Set(
  "api render debug debug-logs ws octanes batch scene docs console contract".split(" "),
);

/**
 * The shortest name that leads to this service and to no other: `ApiItem` for `octaneapi.ApiItemService`, or with
 * package where two packages have one.
 */
export function shortNameOf(contract: Contract, { fullName }: ContractService): string {
  const bare = fullName.slice(fullName.lastIndexOf(".") + 1);
  const candidates = [withoutSuffix(bare), bare, withoutSuffix(fullName)];
  const leads = (name: string) => {
    const lookup = contract.findService(name);
    return lookup.kind === "found" && lookup.service.fullName === fullName && !reservedNames.has(name);
  };
  return candidates.find(leads) ?? fullName;
}

function withoutSuffix(name: string): string {
  const bare = name.endsWith("Service") ? name.slice(0, -"Service".length) : name;
  return bare === "" || bare.endsWith(".") ? name : bare;
}
