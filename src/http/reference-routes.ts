import { readFile } from "node:fs/promises";
import { ProxyError } from "../errors.ts";
import { packageRoot } from "../package.ts";
import { createKeptReply, type KeptReply, sendKeptReply } from "./kept-reply.ts";
import type { Route } from "./route.ts";

/** Nothing of another host, no inline script and no inline style sheet. Swagger UI draws its icons from data: URLs. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers = { "Content-Security-Policy": policy, "Referrer-Policy": "no-referrer" };

/** Path under `/docs/`, file in `generated/reference/`, media type. */
const files = [
  { path: "/docs/", file: "index.html", type: "text/html; charset=utf-8" },
  { path: "/docs/page.js", file: "page.js", type: "text/javascript; charset=utf-8" },
  { path: "/docs/page.css", file: "page.css", type: "text/css; charset=utf-8" },
  {
    path: "/docs/swagger-ui-bundle.js",
    file: "swagger-ui-bundle.js",
    type: "text/javascript; charset=utf-8",
  },
  { path: "/docs/swagger-ui.css", file: "swagger-ui.css", type: "text/css; charset=utf-8" },
] as const;

/** `GET /docs/`: the API reference, drawn by Swagger UI from `/openapi.json`. Files hold no data, so need no token. */
export function createReferenceRoutes(): readonly Route[] {
  const replies = new Map<string, Promise<KeptReply>>();
  const serve = files.map(
    ({ path, file, type }): Route => ({
      method: "GET",
      path,
      isPage: path === "/docs/",
      isPublic: true,
      async handle(context) {
        const reply = replies.get(file) ?? readPackaged(file, type);
        replies.set(file, reply);
        await sendKeptReply(context, await reply, headers);
      },
    }),
  );
  const redirect: Route = {
    method: "GET",
    path: "/docs",
    isPage: true,
    isPublic: true,
    handle(context) {
      context.sendText(302, "text/plain; charset=utf-8", "see /docs/\n", { ...headers, Location: "docs/" });
    },
  };
  return [...serve, redirect];
}

async function readPackaged(file: string, type: string): Promise<KeptReply> {
  try {
    return createKeptReply(type, await readFile(new URL(`generated/reference/${file}`, packageRoot)));
  } catch (cause) {
    throw new ProxyError(
      "internal",
      `generated/reference/${file} is missing from the package: run npm run build`,
      {
        cause,
      },
    );
  }
}
