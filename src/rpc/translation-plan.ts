import type { ContractMethod, Generation } from "../contract/contract.ts";
import { ProxyError } from "../errors.ts";
import { type Conversion, type Translation, translations } from "./generations.ts";
import type { Contracts } from "./session.ts";

/** What a generation is called in messages. */
export const generationTitles: Readonly<Record<Generation, string>> = {
  alpha5: "Octane 2026.1 Alpha 5",
  beta2: "Octane 2026.1 Beta 2",
};

/** How a client's method is carried out by the connected generation. */
export type Plan =
  | { readonly kind: "rename"; readonly path: string }
  | { readonly kind: "convert"; readonly convert: Conversion };

export interface Planner {
  /** True when the generation has the method under the same name. */
  isNative(method: ContractMethod, generation: Generation): boolean;
  /** True when both generations have the method: nothing depends on which one is connected. */
  isShared(method: ContractMethod): boolean;
  /** @throws ProxyError `not_translatable`, naming both generations and what to do. */
  plan(method: ContractMethod, connected: Generation): Plan;
}

/** Looks each method up once; after that a plan costs a map access. */
export function createPlanner(contracts: Contracts): Planner {
  const rows = new Map(translations.map((row) => [row.path, row]));
  const shared = new WeakMap<ContractMethod, boolean>();
  return {
    isNative: (method, generation) => has(contracts, generation, method),
    isShared(method) {
      let answer = shared.get(method);
      if (answer === undefined) {
        answer = has(contracts, "alpha5", method) && has(contracts, "beta2", method);
        shared.set(method, answer);
      }
      return answer;
    },
    plan(method, connected) {
      if (has(contracts, connected, method)) return { kind: "rename", path: method.path };
      return planOf(rows.get(method.path), method, connected);
    },
  };
}

function has(contracts: Contracts, generation: Generation, method: ContractMethod): boolean {
  return contracts[generation].services.get(method.service.fullName)?.methods.has(method.name) ?? false;
}

function planOf(row: Translation | undefined, method: ContractMethod, connected: Generation): Plan {
  if (row !== undefined && row.from !== connected && row.how.kind !== "refuse") return row.how;
  const from: Generation = connected === "alpha5" ? "beta2" : "alpha5";
  const advice =
    row?.how.kind === "refuse" ? row.how.advice : `connect ${generationTitles[from]} to call this method`;
  throw new ProxyError(
    "not_translatable",
    `"${method.service.fullName}/${method.name}" exists in ${generationTitles[from]} only, but ${generationTitles[connected]} is connected; ${advice}`,
  );
}
