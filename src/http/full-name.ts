import type { Session } from "../rpc/session.ts";

/**
 * Whether a service is named in full, as typed clients do: exactly a full name of the contract, or, where the contract
 * does not know the name, one with a package.
 */
export function isFullName(session: Pick<Session, "contract">, service: string): boolean {
  const lookup = session.contract.findService(service);
  return lookup.kind === "found" ? lookup.service.fullName === service : service.includes(".");
}
