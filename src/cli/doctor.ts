import type { Command } from "./command.ts";

/** Checks the way to Octane step by step. */
export const doctor: Command = {
  name: "doctor",
  summary: "checks the way to Octane and says what to do",
  description:
    "Checks the way to Octane step by step and says what to do where it ends. It only reads: nothing in Octane " +
    "changes. Ends with 0 when all is well, with 1 otherwise.",
  examples: [
    { line: "octane-proxy doctor", does: "checks the Octane on this machine" },
    { line: "octane-proxy doctor --octane 192.168.1.20:51022", does: "checks one on another machine" },
    { line: "octane-proxy doctor --json", does: "prints the findings for another program" },
  ],
  async run(context) {
    const { runDoctor } = await import("./doctor/run-doctor.ts");
    return runDoctor(context);
  },
};
