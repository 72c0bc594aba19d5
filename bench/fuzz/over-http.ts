import fc from "fast-check";
import { checkOutcome } from "./check-outcome.ts";
import { createHttpClient } from "./http-client.ts";
import { type HttpInput, httpInputs } from "./http-requests.ts";
import { runLanes } from "./lanes.ts";
import type { FuzzProxy } from "./targets.ts";

/** Requests under way at once. */
const lanes = 24;

/**
 * Sends mutated requests of every route on connections that are kept. Resolves to the count of each status; 0 stands for
 * stills that nobody waited for.
 * @throws Error that tells the input, for the first finding.
 */
export async function fuzzHttp(target: FuzzProxy, runs: number, seed: number): Promise<Map<number, number>> {
  const client = createHttpClient(target.proxy.port, lanes);
  const statuses = new Map<number, number>();
  let lastId = 0;

  const attempt = async (input: HttpInput): Promise<void> => {
    // Of this run alone: the upstream remembers calls that reached it after their client had left.
    const id = `fuzz-${seed}-${++lastId}`;
    try {
      const outcome = await client.send(input, id);
      const reached = target.reached(id);
      if (outcome.hasLeft !== true) checkOutcome(input, outcome, reached);
      target.throwFault();
      statuses.set(outcome.status, (statuses.get(outcome.status) ?? 0) + 1);
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}${describe(input)}`, {
        cause: error,
      });
    }
  };
  try {
    await runLanes(runs, lanes, seed, fc.asyncProperty(httpInputs(target.contract, seed), attempt));
  } finally {
    client.close();
  }
  return statuses;
}

function describe({ method, path, headers, body, plan }: HttpInput): string {
  return [
    "",
    `${method} ${path.slice(0, 300)}`,
    `headers ${JSON.stringify(headers)}`,
    `body ${JSON.stringify(body?.toString("latin1").slice(0, 1_000))}`,
    `base64 ${body?.toString("base64").slice(0, 1_000)}`,
    `upstream's plan ${JSON.stringify(plan)}`,
  ].join("\n    ");
}
