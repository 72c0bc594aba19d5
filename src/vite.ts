import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { ProxyOptions } from "./options.ts";
import { createProxy, type Middleware, type ProxyHandle } from "./proxy.ts";

/** Options of the proxy; those about listening have no meaning here, and `logLevel` is `warn` unless given. */
export interface OctaneProxyPluginOptions
  extends Omit<ProxyOptions, "host" | "port" | "listen" | "staticDir"> {
  /** Path under which the proxy answers, such as `/octane`. Default: its own paths at the root, beside those of the page. */
  base?: string;
}

/** As much of Vite's server as the plugin uses; every version from 5 on has it. */
export interface ViteServer {
  readonly middlewares: { use(path: string, middleware: Middleware): unknown };
  readonly httpServer: {
    on(event: "upgrade", listener: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): unknown;
  } | null;
  readonly config: { readonly logger: { warn(message: string): void } };
  close(): Promise<void>;
}

export interface OctaneProxyPlugin {
  readonly name: string;
  readonly apply: "serve";
  configureServer(server: ViteServer): Promise<void>;
}

/**
 * Mounts the proxy inside Vite's dev server: same origin as the page, no second port, no CORS. It starts and ends with
 * the server. Requests that are not the proxy's go on to Vite; the guard holds for those that are.
 */
export function octaneProxy(options: OctaneProxyPluginOptions = {}): OctaneProxyPlugin {
  const { base = "/", ...proxyOptions } = options;
  const prefix = base.replace(/\/+$/, "");
  if (prefix !== "" && !prefix.startsWith("/")) {
    throw new Error(
      `base: got ${JSON.stringify(base)}; expected a path that starts with "/", such as "/octane"`,
    );
  }
  return {
    name: "octane-proxy",
    apply: "serve",
    async configureServer(server) {
      const proxy = await createProxy({ logLevel: "warn", ...proxyOptions, listen: false });
      closeTogether(server, proxy);
      server.middlewares.use(prefix === "" ? "/" : prefix, under(prefix, proxy.middleware));
      if (server.httpServer === null) {
        server.config.logger.warn(
          "octane-proxy: Vite runs as middleware, so WebSockets come to your own server: mount one there with createProxy",
        );
        return;
      }
      server.httpServer.on("upgrade", (request, socket, head) => {
        const url = request.url ?? "";
        if (prefix !== "" && !url.startsWith(`${prefix}/`)) return;
        request.url = url.slice(prefix.length);
        // Vite's own sockets need the address as it was
        if (!proxy.upgrade(request, socket, head)) request.url = url;
      });
    },
  };
}

/** Under a prefix of its own nobody else has an answer, least of all Vite's page with its status of 200. */
function under(prefix: string, middleware: Middleware): Middleware {
  if (prefix === "") return middleware;
  return (request: IncomingMessage, response: ServerResponse, next) =>
    middleware(request, response, (error) => {
      if (error !== undefined) return next(error);
      const body = JSON.stringify({
        success: false,
        error: `nothing of octane-proxy is at this path`,
        code: "NOT_FOUND",
      });
      response.writeHead(404, { "Content-Type": "application/json" }).end(body);
    });
}

/** Vite may make a new server before it closes the old one, so each closes its own proxy. */
function closeTogether(server: ViteServer, proxy: ProxyHandle): void {
  const closeServer = server.close;
  server.close = async () => {
    await Promise.all([closeServer.call(server), proxy.close()]);
  };
}
