import type { Logger } from "../../src/observe/logger.ts";

/** A logger that keeps only what is logged as an error: faults of the proxy itself. */
export function countFaults(most = 10): { readonly logger: Logger; faults(): readonly string[] } {
  const kept: string[] = [];
  const logger: Logger = {
    debug() {},
    info() {},
    warn() {},
    error(message, fields) {
      const { err } = fields ?? {};
      const cause = err instanceof Error && err.cause instanceof Error ? err.cause.stack : "";
      if (kept.length < most) kept.push(`${message} ${err instanceof Error ? err.message : ""} ${cause}`);
    },
    isEnabled: (level) => level === "error",
    child: () => logger,
  };
  return { logger, faults: () => kept };
}
