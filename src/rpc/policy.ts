import type { Contract, ContractMethod } from "../contract/contract.ts";
import { ProxyError } from "../errors.ts";
import { dangerousMethods } from "./dangerous-methods.ts";
import { compilePattern, type MethodMatcher, methodTitle } from "./policy-pattern.ts";

export interface PolicyOptions {
  readonly readOnly: boolean;
  readonly safe: boolean;
  /** `SERVICE/METHOD` patterns. */
  readonly allowMethod: readonly string[];
  readonly denyMethod: readonly string[];
}

/**
 * Which methods clients may call. The first rule that fits decides:
 * 1. `--deny-method`: denied
 * 2. `--allow-method`: allowed, also where the next two would deny it
 * 3. `--read-only`: denied unless the method stands in the table of those that only read
 * 4. `--safe`: denied where it stands in the table of dangerous methods
 * 5. `--allow-method` was given without `--read-only` and `--safe`: denied
 */
export interface CallPolicy {
  /** False where nothing is ever denied. */
  readonly restricts: boolean;
  /** @throws ProxyError `denied_method`, naming the flag. */
  check(method: ContractMethod): void;
  /**
   * For a call that the connected Octane has under another name: neither name may be denied by `--deny-method`, `--safe` or
   * `--read-only`; what the client's name is allowed by counts for both.
   * @throws ProxyError `denied_method`
   */
  checkTranslated(method: ContractMethod, upstream: ContractMethod | undefined): void;
  /** Patterns that fit no method of the contracts: most likely misspelt. */
  unusedPatterns(contracts: readonly Contract[]): readonly string[];
}

interface Verdict {
  readonly isDenied: boolean;
  /** Whether an `--allow-method` pattern decided it. */
  readonly isExplicit: boolean;
  readonly message: string;
}

export function createPolicy(options: PolicyOptions): CallPolicy {
  const { readOnly, safe } = options;
  const deny = options.denyMethod.map(rule);
  const allow = options.allowMethod.map(rule);
  const dangerous = dangerousMethods.map((each) => ({ ...each, matches: compilePattern(each.pattern) }));
  const known = new WeakMap<ContractMethod, Verdict>();

  const decide = (method: ContractMethod): Verdict => {
    const fits = ({ matches }: { matches: MethodMatcher }) => matches(method.service.fullName, method.name);
    const denied = deny.find(fits);
    if (denied !== undefined) return denial(method, `by --deny-method ${denied.pattern}`);
    if (allow.some(fits)) return { isDenied: false, isExplicit: true, message: "" };
    if (readOnly && !method.readsOnly) return denial(method, "by --read-only, for it may change something");
    const danger = safe ? dangerous.find(fits) : undefined;
    if (danger !== undefined) return denial(method, `by --safe, for it ${danger.reason}`);
    if (allow.length > 0 && !readOnly && !safe) {
      return denial(method, "for no --allow-method of this proxy fits it");
    }
    return { isDenied: false, isExplicit: false, message: "" };
  };
  const verdict = (method: ContractMethod): Verdict => {
    const found = known.get(method) ?? decide(method);
    known.set(method, found);
    return found;
  };
  const enforce = ({ isDenied, message }: Verdict): void => {
    if (isDenied) throw new ProxyError("denied_method", message);
  };

  return {
    restricts: readOnly || safe || deny.length > 0 || allow.length > 0,
    check: (method) => enforce(verdict(method)),
    checkTranslated(method, upstream) {
      const own = verdict(method);
      enforce(own);
      if (upstream === undefined) return;
      const isDeniedByName = deny.some(({ matches }) => matches(upstream.service.fullName, upstream.name));
      if (isDeniedByName || !own.isExplicit) enforce(verdict(upstream));
    },
    unusedPatterns(contracts) {
      return [...allow, ...deny]
        .filter(({ matches }) => !hasMatch(contracts, matches))
        .map(({ pattern }) => pattern);
    },
  };
}

function rule(pattern: string): { readonly pattern: string; readonly matches: MethodMatcher } {
  return { pattern, matches: compilePattern(pattern) };
}

function denial(method: ContractMethod, why: string): Verdict {
  return { isDenied: true, isExplicit: false, message: `"${methodTitle(method)}" is denied ${why}` };
}

function hasMatch(contracts: readonly Contract[], matches: MethodMatcher): boolean {
  return contracts.some(({ services }) =>
    [...services.values()].some(({ fullName, methods }) =>
      [...methods.keys()].some((name) => matches(fullName, name)),
    ),
  );
}
