import type { Generation } from "../contract/contract.ts";
import { asProxyError } from "../errors.ts";
import type { Logger } from "../observe/logger.ts";
import type { Upstream } from "../upstream/upstream.ts";

/** A read without arguments that Beta 2 has and Alpha 5 lacks. */
const question = "/octaneapi.ApiControlService/getWebRTCStatus";
const questionTimeoutMs = 3000;
const askAgainMs = { first: 500, most: 10_000 };

export interface GenerationDetection {
  /** Resolves when this connection's question is answered or known to have none, or at once when none is open. */
  settled(): Promise<void>;
  /** Idempotent; no timer and no call is left. */
  close(): void;
}

/**
 * Asks once per connection which generation answers, in the background. A failure other than UNIMPLEMENTED decides
 * nothing: it is asked again, ever more rarely, while the connection lasts.
 */
export function detectGeneration(
  upstream: Upstream,
  logger: Logger,
  onDetected: (generation: Generation) => void,
): GenerationDetection {
  let current: AbortController | undefined;
  let firstAnswer = Promise.resolve();

  const onState = (): void => {
    current?.abort();
    current = undefined;
    if (upstream.state !== "ready") return;
    current = new AbortController();
    firstAnswer = askUntilAnswered(current.signal);
  };

  /** Resolves after the first try; later tries go on by themselves. */
  const askUntilAnswered = async (signal: AbortSignal, waitMs: number = askAgainMs.first): Promise<void> => {
    const answer = await ask(upstream, signal, logger);
    if (signal.aborted) return;
    if (answer !== undefined) {
      onDetected(answer);
      return;
    }
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", cancel);
      firstAnswer = askUntilAnswered(signal, Math.min(waitMs * 2, askAgainMs.most));
    }, waitMs);
    const cancel = (): void => clearTimeout(timer);
    signal.addEventListener("abort", cancel, { once: true });
  };

  const stop = upstream.onStateChange(onState);
  onState();
  return {
    settled: () => firstAnswer,
    close() {
      stop();
      current?.abort();
    },
  };
}

async function ask(upstream: Upstream, signal: AbortSignal, logger: Logger): Promise<Generation | undefined> {
  try {
    await upstream.unary(question, new Uint8Array(), { timeoutMs: questionTimeoutMs, signal });
    return "beta2";
  } catch (error) {
    const { reason, code, message } = asProxyError(error);
    if (reason === "upstream_status" && code === "UNIMPLEMENTED") return "alpha5";
    if (!signal.aborted) logger.debug(`the generation is not known yet: ${message}`, { reason, code });
    return undefined;
  }
}
