import type { GrpcCode } from "../errors.ts";

/** The read that a proxy asks to tell the generations apart: only Beta 2 has it. */
const question = "/octaneapi.ApiControlService/getWebRTCStatus";

/** Methods that only one generation has. */
const shownBy = new Map([
  ["/octaneapi.ApiItemService/getByAttrID", "alpha5"],
  ["/octaneapi.ApiItemService/getValueByAttrID", "beta2"],
]);

/**
 * The answer to the question for the generation, where that was given when recording, so that nobody asked Octane.
 * Undefined for any other path, and where the generation is not known.
 */
export function generationAnswer(
  path: string,
  recorded: string,
  paths: readonly string[],
): { readonly code: GrpcCode; readonly reply?: Buffer } | undefined {
  if (path !== question) return undefined;
  const shown = paths.flatMap((called) => shownBy.get(called) ?? []);
  const generation = recorded === "auto" ? shown[0] : recorded;
  switch (generation) {
    case "alpha5":
      return { code: "UNIMPLEMENTED" };
    case "beta2":
      return { code: "OK", reply: Buffer.alloc(0) };
    default:
      return undefined;
  }
}
