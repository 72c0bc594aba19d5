/** Counts what became of every request: exactly one answer each, or it is lost. */
export interface Tally {
  /** Runs one request. What it throws means that there was no answer, half of one, or more than one. */
  request(kind: string, run: () => Promise<Answer>): Promise<void>;
  readonly counts: ReadonlyMap<string, Counts>;
  /** The first losses, in words. */
  readonly losses: readonly string[];
}

/** A reply, or the reason of a documented error. */
export type Answer = "done" | { readonly reason: string };

export interface Counts {
  sent: number;
  done: number;
  /** Documented errors by reason. */
  readonly errors: Record<string, number>;
  lost: number;
}

const mostLosses = 20;

export function createTally(): Tally {
  const counts = new Map<string, Counts>();
  const losses: string[] = [];
  return {
    counts,
    losses,
    async request(kind, run) {
      const count = counts.get(kind) ?? { sent: 0, done: 0, errors: {}, lost: 0 };
      counts.set(kind, count);
      count.sent++;
      try {
        const answer = await run();
        if (answer === "done") count.done++;
        else if (answer.reason === "internal") throw new Error("a fault of the proxy");
        else count.errors[answer.reason] = (count.errors[answer.reason] ?? 0) + 1;
      } catch (error) {
        count.lost++;
        if (losses.length < mostLosses)
          losses.push(`${kind}: ${error instanceof Error ? error.message : error}`);
      }
    },
  };
}
