import type { Command } from "./command.ts";

/** Lists what can be called, where it was loaded from, and what was left out and why. */
export const contract: Command = {
  name: "contract",
  summary: "lists what can be called, its sources and what was left out",
  description:
    "Lists the services that can be called, the sources they were loaded from, and what was left out and why. Where " +
    "neither --generation nor a source of your own decides, both generations of Octane's API are listed. Octane is " +
    "asked only with --reflection.",
  operands: [{ syntax: "[service]", description: "list the RPCs of this service only, such as ApiItem" }],
  examples: [
    { line: "octane-proxy contract", does: "lists the built-in contract" },
    {
      line: "octane-proxy contract --proto ./protos",
      does: "tells how a directory of .proto files was understood",
    },
    { line: "octane-proxy contract ApiItem --generation beta2", does: "lists the RPCs of one service" },
  ],
  async run(context) {
    const { listContract } = await import("./contract/list-contract.ts");
    return listContract(context);
  },
};
