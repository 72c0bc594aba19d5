import type { Command } from "./command.ts";

/** Shows the definition of one thing in the contract. */
export const describe: Command = {
  name: "describe",
  summary: "shows a service, method, message or enum of the contract",
  description:
    "Shows the definition of a service (ApiItem), a method (ApiItem/name), a message or an enum, with its comments, and " +
    "what uses it. Package and the suffix Service may be left out. No proxy and no Octane is needed, except with " +
    "--reflection. Where neither --generation nor a source of your own decides, the API is that of Beta 2.",
  operands: [{ syntax: "<name>", description: "what to show: ApiItem, ApiItem/name, ObjectRef, NodeType" }],
  examples: [
    { line: "octane-proxy describe ApiItem", does: "lists the methods of a service" },
    { line: "octane-proxy describe ApiItem/name", does: "shows what a method takes and gives" },
    { line: "octane-proxy describe ObjectRef --json", does: "gives a message to a program" },
  ],
  async run(context) {
    const { describeName } = await import("./contract/describe-name.ts");
    return describeName(context);
  },
};
