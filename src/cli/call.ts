import type { Command } from "./command.ts";

/** Makes one call through a running proxy. */
export const call: Command = {
  name: "call",
  summary: "makes one call through a running proxy",
  description:
    "Calls a method through a running octane-proxy and prints the reply as JSON, indented unless --json is given. Of a " +
    "method that streams, each reply is printed as it comes. Params are JSON; with - they are read from standard input, " +
    "for methods that take many messages one per line.",
  operands: [
    { syntax: "<method>", description: "what to call: ApiItem/name" },
    { syntax: "[params]", description: "the request as JSON, or - to read it from standard input" },
  ],
  examples: [
    { line: "octane-proxy call ApiProjectManager/rootNodeGraph", does: "asks for the root of the scene" },
    {
      line: `octane-proxy call ApiItem/name '{"objectPtr":{"handle":"1000001","type":16}}'`,
      does: "asks for the name of an item",
    },
    { line: "octane-proxy call LiveLink/SetCamera - < pose.json", does: "takes the request from a file" },
  ],
  async run(context) {
    const { makeCall } = await import("./call/make-call.ts");
    return makeCall(context);
  },
};
