import { mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadBuiltIn } from "../contract/built-in.ts";
import { packageRoot } from "../package.ts";
import { writeTypes } from "./write-types.ts";

/** TypeScript of `src/client/fetch-client.ts`, kept by the build for files that `octane-proxy types` writes. */
const fetchClientCopy = new URL("generated/fetch-client.ts", packageRoot);

/** @throws Error when the package was not built */
export function readFetchClient(): string {
  try {
    return readFileSync(fetchClientCopy, "utf8");
  } catch (cause) {
    throw new Error("generated/fetch-client.ts is missing from the package: run npm run build", { cause });
  }
}

/** What `octane-proxy/client` says of itself: the client, for Octane's API unless another is named. */
const shippedText = `import type { Client, ClientOptions } from "./client.js";
import type { OctaneApi } from "./octane-api.js";

export * from "./client.js";
export type { OctaneApi };
/** Messages and enums of Octane's API: \`octane.ObjectRef\`. */
export type * as octane from "./octane-api.js";

/** A client for octane-proxy. Nothing is sent before the first call. Replaces the untyped one of \`./client.js\`. */
export declare function createClient<Api = OctaneApi>(options?: ClientOptions): Client<Api>;
`;

/** Types of the built-in contract of Beta 2, as the package ships them. */
export function writeShippedTypes(): string {
  return writeTypes({
    contract: loadBuiltIn("beta2"),
    apiName: "OctaneApi",
    title:
      "Types of Octane's API, 2026.1 Beta 2: the services that come with octane-proxy.\nWritten by its build.",
    client: { importFrom: "./fetch-client.js", text: "" },
  });
}

function main(): void {
  const beside = new URL("../client/", import.meta.url);
  writeFileSync(new URL("octane-api.d.ts", beside), writeShippedTypes());
  writeFileSync(new URL("shipped.d.ts", beside), shippedText);
  mkdirSync(new URL("./", fetchClientCopy), { recursive: true });
  writeFileSync(fetchClientCopy, readFileSync(new URL("src/client/fetch-client.ts", packageRoot)));
}

// the real path, because a linked folder gives the script another name than the module
const script = process.argv[1];
if (script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)) main();
