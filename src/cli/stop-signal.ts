import { constants } from "node:os";

/** Waits for the user or the system to end the program. */
export interface StopSignal {
  /** Resolves with the first SIGINT or SIGTERM. */
  readonly received: Promise<NodeJS.Signals>;
  /** Gives the signals back to their default. */
  dispose(): void;
}

const signals = ["SIGINT", "SIGTERM"] as const;

/**
 * Listens for SIGINT and SIGTERM from now on: the first asks for a drained stop, the second ends the process at
 * once with 128 + its number (130, 143), as a shell would report it.
 */
export function createStopSignal(): StopSignal {
  let resolveReceived: (signal: NodeJS.Signals) => void;
  let isStopping = false;
  const received = new Promise<NodeJS.Signals>((resolve) => {
    resolveReceived = resolve;
  });
  const listener = (signal: NodeJS.Signals) => {
    if (isStopping) process.exit(128 + constants.signals[signal]);
    isStopping = true;
    resolveReceived(signal);
  };
  for (const signal of signals) process.on(signal, listener);
  return {
    received,
    dispose() {
      for (const signal of signals) process.off(signal, listener);
    },
  };
}
