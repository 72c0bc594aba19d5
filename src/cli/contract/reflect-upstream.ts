import { type ReflectedFiles, reflectFiles } from "../../contract/reflection.ts";
import { silentLogger } from "../../observe/logger.ts";
import type { ResolvedOptions } from "../../options.ts";
import { findCandidates } from "../../upstream/candidates.ts";
import { createUpstream } from "../../upstream/create-upstream.ts";
import { FailureError } from "../command.ts";

const answerTimeoutMs = 5000;

/** Asks the server that the options name, the first of several, for its services. @throws FailureError when it does not answer */
export async function reflectUpstream(options: ResolvedOptions): Promise<ReflectedFiles> {
  const [{ address }] = options.octanes;
  const candidates = await findCandidates({ octane: address, inContainer: options.inContainer });
  const { octaneTls: tls, transport } = options;
  const upstream = createUpstream({ candidates, tls, transport, logger: silentLogger });
  try {
    await upstream.ready(AbortSignal.timeout(answerTimeoutMs)).catch(() => {
      const reason = upstream.lastError === undefined ? "" : `: ${upstream.lastError}`;
      throw new FailureError(
        `--reflection needs a server, and ${candidates.join(" and ")} did not answer${reason}; octane-proxy doctor tells more`,
      );
    });
    return await reflectFiles(upstream, { timeoutMs: answerTimeoutMs }).catch((error: unknown) => {
      throw new FailureError(
        `--reflection failed: ${error instanceof Error ? error.message : String(error)}`,
        {
          cause: error,
        },
      );
    });
  } finally {
    await upstream.close();
  }
}
