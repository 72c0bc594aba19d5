import fc from "fast-check";

/**
 * Runs a property several times side by side, each with inputs of its own.
 * @throws the error of the first finding.
 */
export async function runLanes<T>(
  runs: number,
  lanes: number,
  seed: number,
  property: fc.IAsyncProperty<T>,
): Promise<void> {
  const each = Math.ceil(runs / lanes);
  let found = false;
  const run = async (lane: number): Promise<void> => {
    // In slices, so that one lane's finding soon ends the others.
    for (let done = 0; done < each && !found; done += sliceRuns) {
      const result = await fc.check(property, {
        numRuns: Math.min(sliceRuns, each - done),
        seed: seed * 1_000 + lane + done * lanes,
        // Not made smaller: inputs are small as they are, and a hang takes as long each time.
        endOnFailure: true,
      });
      if (!result.failed || result.errorInstance === null) continue;
      found = true;
      throw result.errorInstance;
    }
  };
  const settled = await Promise.allSettled(Array.from({ length: lanes }, (_, lane) => run(lane)));
  for (const result of settled) if (result.status === "rejected") throw result.reason;
}

const sliceRuns = 200;
