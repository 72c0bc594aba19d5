import { ProxyError, type Reason } from "../../src/errors.ts";
import { grow, type Seeded } from "./mutated-bytes.ts";

/** Something inside the program that takes bytes from outside. */
export interface Surface {
  readonly name: string;
  /** Inputs to start from; made on first use. */
  readonly corpus: () => readonly Buffer[];
  /** The only ways in which it may refuse. */
  readonly refusals: ReadonlySet<Reason>;
  /** Throws ProxyError for a refusal; anything else that it throws is a finding. */
  run(input: Buffer): void;
}

/** No input of a few hundred bytes may keep the event loop for so long. */
const mostMs = 1_000;

/** Whether the surface took the input. @throws Error that tells what went wrong on which bytes. */
export function tryInput(surface: Surface, seed: Seeded): "taken" | "refused" {
  const input = grow(seed, surface.corpus());
  const startedAt = performance.now();
  try {
    surface.run(input);
    return "taken";
  } catch (error) {
    if (error instanceof ProxyError && surface.refusals.has(error.reason)) return "refused";
    throw new Error(`${surface.name}: ${describe(error)}\n  input (base64): ${input.toString("base64")}`, {
      cause: error,
    });
  } finally {
    const ms = performance.now() - startedAt;
    // Time that another program took counts too, so that only what is far out of bounds is told.
    if (ms > mostMs) {
      process.stderr.write(`slow: ${surface.name} took ${Math.round(ms)} ms for ${input.length} bytes\n`);
    }
  }
}

function describe(error: unknown): string {
  if (error instanceof ProxyError) return `refused with ${error.reason}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
