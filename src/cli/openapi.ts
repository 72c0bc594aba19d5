import type { Command } from "./command.ts";

/** Writes the OpenAPI document of what can be called. */
export const openapi: Command = {
  name: "openapi",
  summary: "writes the OpenAPI document of what can be called",
  description:
    "Writes an OpenAPI 3.1 document of everything that can be called, to standard output or to a file. It is what " +
    "a proxy with the same options serves at /openapi.json. Octane is asked only with --reflection. Where neither " +
    "--generation nor a source of your own decides, the document is of the newest generation.",
  operands: [],
  examples: [
    { line: "octane-proxy openapi --output openapi.json", does: "writes the whole document to a file" },
    { line: "octane-proxy openapi --service ApiItem", does: "prints the document of one service" },
    { line: "octane-proxy openapi --proto ./protos", does: "describes a directory of .proto files" },
  ],
  async run(context) {
    const { writeOpenApi } = await import("./openapi/write-openapi.ts");
    return writeOpenApi(context);
  },
};
