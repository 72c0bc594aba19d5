import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createServer, type PluginOption, type ViteDevServer } from "vite";
import { WebSocket } from "ws";
import { createClient } from "../src/client/client.ts";
import type { SocketConstructor } from "../src/client/web-socket.ts";
import { createSimulator } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { type OctaneProxyPluginOptions, octaneProxy } from "../src/vite.ts";

for (const base of ["/", "/octane"]) {
  test(`inside Vite at ${base} the proxy answers calls, events and WebSockets, and the page stays Vite's`, async (t) => {
    const { url, octane } = await startVite(t, { base });
    const page = await fetch(`${url}/`, { headers: { Accept: "text/html" } });
    assert.match(await page.text(), /<title>a page<\/title>/);
    assert.match(await (await fetch(`${url}/main.js`)).text(), /export const page/);
    assert.equal((await fetch(`${url}/@vite/client`)).status, 200);

    const health = (await (await fetch(`${octane}/health`)).json()) as { status: string };
    assert.equal(health.status, "ok");
    const client = createClient({ url: octane, WebSocket: WebSocket as unknown as SocketConstructor });
    const { result } = (await client.call("ApiProjectManager", "rootNodeGraph")) as {
      result: { handle: string };
    };
    assert.match(result.handle, /^\d+$/);

    for await (const event of client.events({ width: 64 })) {
      if (event.type === "newImage") break;
    }
    for await (const frame of client.frames({ format: "raw", width: 64 })) {
      assert.equal(frame.width, 64);
      assert.equal(frame.bytes.length, frame.width * frame.height * 4);
      break;
    }
  });
}

test("inside Vite misspelled calls are explained, and the guard holds", async (t) => {
  const { url } = await startVite(t, {});
  const client = createClient({ url });
  await assert.rejects(client.call("ApiItem", "getValueByAttrId"), {
    reason: "unknown_method",
    message: /did you mean "getValueByAttrID"/,
  });
  await assert.rejects(client.call("NoSuchService", "name"), { reason: "unknown_service" });
  const foreign = await fetch(`${url}/ApiItem/name`, {
    method: "POST",
    headers: { Origin: "https://evil.example" },
  });
  assert.equal(foreign.status, 403);
  const socket = new WebSocket(`${url.replace("http", "ws")}/render/ws`, { origin: "https://evil.example" });
  const [error] = (await once(socket, "error")) as [Error];
  assert.match(error.message, /403/);
});

test("Vite's own WebSocket still connects", async (t) => {
  const { url, vite } = await startVite(t, {});
  const token = vite.config.webSocketToken;
  const socket = new WebSocket(`${url.replace("http", "ws")}/?token=${token}`, "vite-hmr");
  const [message] = (await once(socket, "message")) as [Buffer];
  assert.equal(JSON.parse(message.toString()).type, "connected");
  socket.terminate();
});

test("a base that is no path is refused", () => {
  assert.throws(() => octaneProxy({ base: "octane" }), /expected a path that starts with "\/"/);
});

async function startVite(
  t: TestContext,
  options: OctaneProxyPluginOptions,
): Promise<{ url: string; octane: string; vite: ViteDevServer }> {
  const root = mkdtempSync(join(tmpdir(), "octane-proxy-vite-"));
  writeFileSync(
    join(root, "index.html"),
    "<!doctype html><title>a page</title><script type=module src=/main.js></script>",
  );
  writeFileSync(join(root, "main.js"), "export const page = 1;\n");
  const simulator = await createSimulator({ pattern: true, size: [64, 32] });
  const plugins: PluginOption[] = [
    octaneProxy({
      octane: simulator.address,
      logger: silentLogger,
      clientLogDir: join(root, "logs"),
      ...options,
    }),
  ];
  const vite = await createServer({
    root,
    configFile: false,
    logLevel: "silent",
    cacheDir: join(root, "cache"),
    server: { host: "127.0.0.1", port: 0, strictPort: false },
    plugins,
  });
  t.after(async () => {
    await vite.close();
    await simulator.close();
    rmSync(root, { recursive: true, force: true });
  });
  await vite.listen();
  const address = vite.httpServer?.address();
  assert.ok(address !== null && typeof address === "object");
  const url = `http://127.0.0.1:${address.port}`;
  const octane = options.base === undefined || options.base === "/" ? url : url + options.base;
  for await (const event of createClient({ url: octane }).events({ width: 16 })) {
    if (event.type === "connected" && event.status.upstream === "ready") break;
    if (event.type === "upstream" && event.state === "ready") break;
  }
  return { url, octane, vite };
}
