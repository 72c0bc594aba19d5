// `npm run screenshots`: docs/images/console.png, the console before the simulator with a finished picture.
// `npm run screenshots -- --samples 20` takes less time, with more noise.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createClient, ref } from "../src/client/client.ts";
import { createProxy } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { launchBrowser } from "../test/browser.ts";

const { values } = parseArgs({ options: { samples: { type: "string", default: "100" } } });
const samples = Math.max(1, Math.trunc(Number(values.samples)) || 1);
const patienceMs = 20 * 60_000;
const folder = fileURLToPath(new URL("../../docs/images/", import.meta.url));

const proxy = await createProxy({
  port: 0,
  simulator: { size: [640, 400] },
  logger: silentLogger,
});
await proxy.ready();
await setTheScene(proxy.url);
const browser = await launchBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, colorScheme: "dark" });
  page.setDefaultTimeout(patienceMs);
  await page.goto(`${proxy.url}/console/#/scene`);
  await page.getByRole("treeitem", { name: "cube" }).click();
  process.stderr.write("waiting for the render to end\n");
  await page.getByText(`${samples} / ${samples} samples`).first().waitFor();
  // No focus ring and no tooltip in the picture.
  await page.mouse.move(0, 0);
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}console.png` });
  process.stdout.write(`${folder}console.png\n`);
} finally {
  await browser.close();
  await proxy.close();
}

/** A material that can be told from the ground, and a render that ends. */
async function setTheScene(url: string): Promise<void> {
  const client = createClient({ url });
  const connected = (id: string, from: string, pinId: string) => ({
    id,
    service: "ApiNode",
    method: "connectedNode",
    params: { objectPtr: ref(from, "result"), pinId, enterWrapperNode: true },
  });
  const scene = await client.sceneTree({ depth: 3, fields: ["name", "type"] });
  const materials = (scene.items ?? []).flatMap((item) =>
    "pins" in item && item.type === "NT_GEO_MESH" ? item.pins.map(({ connected: node }) => node) : [],
  );
  const material = materials.find((node) => node !== null && "handle" in node);
  if (!material || !("handle" in material)) throw new Error("the simulator's scene has no material");
  const results = await client.batch([
    { id: "target", service: "ApiRenderEngine", method: "getRenderTargetNode" },
    connected("kernel", "target", "P_KERNEL"),
    connected("samples", "kernel", "P_MAX_SAMPLES"),
    {
      service: "ApiItem",
      method: "setValueByAttrID",
      params: {
        objectPtr: ref("samples", "result"),
        attribute_id: "A_VALUE",
        int4_value: { x: samples },
        evaluate: true,
      },
    },
    {
      id: "colour",
      service: "ApiNode",
      method: "connectedNode",
      params: { objectPtr: { handle: material.handle, type: "ApiNode" }, pinId: "P_DIFFUSE" },
    },
    {
      service: "ApiItem",
      method: "setValueByAttrID",
      params: {
        objectPtr: ref("colour", "result"),
        attribute_id: "A_VALUE",
        float3_value: { x: 0.05, y: 0.32, z: 0.42 },
        evaluate: true,
      },
    },
    { service: "ApiChangeManager", method: "update" },
  ]);
  for (const result of results) {
    if ("error" in result) throw result.error;
    const { success, error_message } = result.result as { success?: boolean; error_message?: string };
    if (success === false) throw new Error(error_message);
  }
}
