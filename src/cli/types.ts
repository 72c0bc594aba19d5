import type { Command } from "./command.ts";

/** Writes TypeScript for what can be called. */
export const types: Command = {
  name: "types",
  summary: "writes TypeScript types and a client for what can be called",
  description:
    "Writes a TypeScript module with the types of every request and reply and a small client on fetch that needs " +
    "nothing else. The types also fit the client of the package, octane-proxy/client. Where neither --generation nor a " +
    "source of your own decides, the API is that of Beta 2. The same contract gives the same text.",
  examples: [
    { line: "octane-proxy types --output src/octane.ts", does: "writes the built-in contract" },
    {
      line: "octane-proxy types --proto ./protos --service ApiItem --service ApiNode",
      does: "prints two services of a directory of .proto files",
    },
  ],
  async run(context) {
    const { printTypes } = await import("./contract/print-types.ts");
    return printTypes(context);
  },
};
