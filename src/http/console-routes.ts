import { readdir, readFile } from "node:fs/promises";
import { extname } from "node:path";
import { ProxyError } from "../errors.ts";
import { packageRoot } from "../package.ts";
import { createKeptReply, type KeptReply, sendKeptReply } from "./kept-reply.ts";
import type { RequestContext, Route } from "./route.ts";

const folder = new URL("generated/console/", packageRoot);

const mediaTypes: ReadonlyMap<string, string> = new Map([
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
  [".svg", "image/svg+xml"],
]);

/**
 * The console at `/console/`, where `/` leads too unless a front end of the user's own is served there. Its files hold
 * no data of Octane, so they need no token; what it shows it asks for like any other client.
 */
export function createConsoleRoutes({ isAtRoot }: { readonly isAtRoot: boolean }): readonly Route[] {
  const files = createConsoleFiles();
  const redirect: Omit<Route, "path"> = {
    method: "GET",
    isPage: true,
    isPublic: true,
    handle(context) {
      const Location = `${context.prefix}/console/`;
      const headers = { ...pageHeaders(context), "Cache-Control": "no-store", Location };
      context.sendText(302, "text/plain; charset=utf-8", `see ${Location}\n`, headers);
    },
  };
  return [
    {
      method: "GET",
      path: "/console/",
      isPage: true,
      isPublic: true,
      handle: async (context) =>
        sendKeptReply(context, await files.page(), { ...pageHeaders(context), "Cache-Control": "no-cache" }),
    },
    {
      method: "GET",
      path: "/console/assets/:name",
      isPublic: true,
      async handle(context) {
        const asset = await files.asset(context.params.get("name") ?? "");
        // The name changes with the content.
        await sendKeptReply(context, asset, { "Cache-Control": "public, max-age=31536000, immutable" });
      },
    },
    { ...redirect, path: "/console" },
    ...(isAtRoot ? [{ ...redirect, path: "/" }] : []),
  ];
}

/** Nothing of another host, no inline script and no inline style. */
function pageHeaders({ request }: RequestContext): Record<string, string> {
  const { host = "" } = request.headers;
  // Not every browser takes 'self' for WebSockets; IPv6 addresses have no place in a policy.
  const sockets = /^[a-z0-9.-]+(:\d+)?$/i.test(host) ? ` ws://${host} wss://${host}` : "";
  return {
    "Content-Security-Policy": [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' blob: data:",
      `connect-src 'self'${sockets}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
  };
}

/** The bundle that `npm run build` made, read when it is first asked for. */
function createConsoleFiles() {
  let page: Promise<KeptReply> | undefined;
  let assets: Promise<ReadonlyMap<string, KeptReply>> | undefined;
  return {
    page() {
      page ??= readBundled("index.html");
      return page;
    },
    async asset(name: string): Promise<KeptReply> {
      assets ??= readAssets();
      const asset = (await assets).get(name);
      if (asset !== undefined) return asset;
      throw new ProxyError("unknown_route", `the console has no file ${JSON.stringify(name.slice(0, 80))}`);
    },
  };
}

async function readAssets(): Promise<ReadonlyMap<string, KeptReply>> {
  const names = await readdir(new URL("assets/", folder)).catch(notBuilt);
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readBundled(`assets/${name}`)] as const)),
  );
}

async function readBundled(path: string): Promise<KeptReply> {
  const bytes = await readFile(new URL(path, folder)).catch(notBuilt);
  return createKeptReply(mediaTypes.get(extname(path)) ?? "application/octet-stream", bytes);
}

function notBuilt(cause: unknown): never {
  throw new ProxyError("internal", "the console is missing from the package: run npm run build", { cause });
}
