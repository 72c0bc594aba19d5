import { createHash } from "node:crypto";
import type { HealthInit } from "./health-routes.ts";
import type { Route } from "./route.ts";

export interface StatusPageInit extends HealthInit {
  /** With a token the page, which anyone may load, shows no state. */
  readonly needsToken: boolean;
  /** Whether `/` leads here; not so where a front end of the user's own is served there. */
  readonly isAtRoot: boolean;
}

const style = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 3rem auto; max-width: 40rem; padding: 0 1rem; }
  h1 { font-size: 1.4rem; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1.5rem; }
  dt { opacity: 0.7; }
  dd { margin: 0; }
  code { font-size: 0.95em; }
`;

/** The plain page at `/console/`: what this is, its state, where to go. `/` leads here without `--static`. */
export function createStatusPageRoutes(init: StatusPageInit): readonly Route[] {
  const headers = createPageHeaders();
  const redirect: Omit<Route, "path"> = {
    method: "GET",
    isPage: true,
    isPublic: true,
    handle(context) {
      context.sendText(302, "text/plain; charset=utf-8", "see /console/\n", {
        ...headers,
        Location: "/console/",
      });
    },
  };
  return [
    {
      method: "GET",
      path: "/console/",
      isPage: true,
      isPublic: true,
      handle(context) {
        context.sendText(200, "text/html; charset=utf-8", renderPage(init), headers);
      },
    },
    { ...redirect, path: "/console" },
    ...(init.isAtRoot ? [{ ...redirect, path: "/" }] : []),
  ];
}

function createPageHeaders(): Readonly<Record<string, string>> {
  const styleHash = createHash("sha256").update(style).digest("base64");
  return {
    "Content-Security-Policy": `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
  };
}

function renderPage(init: StatusPageInit): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>OctaneProxy</title>
<style>${style}</style>
</head>
<body>
<h1>OctaneProxy ${escapeHtml(init.version)}</h1>
<p>This is a proxy between web clients and OctaneRender: it turns HTTP and JSON into calls of Octane's LiveLink API.</p>
${init.needsToken ? "<p>Calls need the token that the proxy was started with.</p>" : renderState(init)}
<ul>
<li><a href="/health">/health</a>: whether Octane answers</li>
<li><a href="/contract">/contract</a>: what can be called</li>
<li><code>POST /{Service}/{method}</code>: a call, such as <code>curl -s localhost:51023/LiveLink/GetCamera -d '{}'</code></li>
</ul>
</body>
</html>
`;
}

function renderState({ session, isSimulator }: StatusPageInit): string {
  const { upstream, generation } = session;
  const rows = [
    ["Octane", isSimulator ? "the built-in simulator, not the real Octane" : upstream.address],
    ["State", upstream.state === "ready" ? "connected" : `not connected (${upstream.state})`],
    ...(upstream.lastError === undefined ? [] : [["Last error", upstream.lastError]]),
    ["Generation", generation ?? "not known yet"],
  ];
  const items = rows.map(([name = "", value = ""]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`);
  return `<dl>${items.join("")}</dl>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
