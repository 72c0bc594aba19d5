// For `npm test`: `--import …/swap-modules.mjs?NAME` puts another module in the place of one of the program's.
import { register } from "node:module";

const swaps = {
  /** Whoever opens a native channel gets one of grpc-js. */
  "grpc-js": {
    module: "/dist/src/upstream/native/channel.js",
    source:
      'export * from "./channel.js?itself"; export { openGrpcJsChannel as openNativeChannel } from "../grpc-js/channel.js";',
  },
  /** The transcoder takes the engine for one that makes no code from text. */
  interpreter: {
    module: "/dist/src/transcode/compiled/generate.js",
    source: 'export * from "./generate.js?itself"; export const canGenerateCode = () => false;',
  },
};
const { module, source } = swaps[new URL(import.meta.url).search.slice(1)];

const hooks = `
export async function load(url, context, next) {
  if (!url.endsWith(${JSON.stringify(module)})) return next(url, context);
  return { format: "module", source: ${JSON.stringify(source)}, shortCircuit: true };
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
