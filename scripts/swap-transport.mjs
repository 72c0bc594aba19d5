// For `npm test -- --transport grpc-js`: whoever opens a native channel gets one of grpc-js.
import { register } from "node:module";

const hooks = `
export async function load(url, context, next) {
  if (!url.endsWith("/dist/src/upstream/native/channel.js")) return next(url, context);
  const source = 'export { openGrpcJsChannel as openNativeChannel } from "../grpc-js/channel.js";';
  return { format: "module", source, shortCircuit: true };
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
