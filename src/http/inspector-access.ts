import { isIP } from "node:net";
import { ProxyError } from "../errors.ts";
import { isLoopback } from "../options.ts";
import type { RequestContext, Route } from "./route.ts";

/**
 * The routes, each answering only callers on this machine where the proxy has no token: they tell what other clients
 * do. With a token the guard has asked for it already.
 */
export function forLocalCallers(routes: readonly Route[], needsToken: boolean): readonly Route[] {
  if (needsToken) return routes;
  return routes.map((route) => ({
    ...route,
    handle(context) {
      checkLocal(context);
      return route.handle(context);
    },
  }));
}

/** @throws ProxyError `only_local` for a caller on another machine */
function checkLocal({ request }: RequestContext): void {
  const address = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  // Only a Unix socket has an open peer without an address, and that is on this machine.
  if (isIP(address) === 0 || isLoopback(address)) return;
  throw new ProxyError(
    "only_local",
    "without a token this is answered only on the machine that the proxy runs on; start octane-proxy with --token-file to see it from elsewhere",
  );
}
