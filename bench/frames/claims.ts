/** One promise and what was found. */
export interface Claim {
  readonly generation: string;
  readonly what: string;
  readonly holds: boolean;
  readonly figures: string;
}

/** Collects claims and prints each as it is made. */
export function createClaims(generation: string): {
  readonly claims: readonly Claim[];
  claim(what: string, holds: boolean, figures: string): void;
} {
  const claims: Claim[] = [];
  return {
    claims,
    claim(what, holds, figures) {
      claims.push({ generation, what, holds, figures });
      console.log(`  ${holds ? "holds" : "FAILS"}  ${what}: ${figures}`);
    },
  };
}
