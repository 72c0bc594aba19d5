// octane-proxy/client: calls, a batch, the scene, frames and events.  node examples/client.mjs [URL]
import { createClient, OctaneError, ref } from "octane-proxy/client";
// Node has a WebSocket of its own from version 22 on, browsers always had one.
import { WebSocket } from "ws";

const client = createClient({ url: process.argv[2] ?? "http://127.0.0.1:51023", WebSocket });

// One call. Every field of the reply is there; what Octane left out stands at its default.
const { result: root } = await client.api.ApiProjectManager.rootNodeGraph();
console.log("root graph", root.handle);

// Many calls in one request; the second uses what the first returned.
const [, name] = await client.batch([
  { id: "root", service: "ApiProjectManager", method: "rootNodeGraph" },
  { service: "ApiItem", method: "name", params: { objectPtr: ref("root", "result") } },
]);
if (name.error !== undefined) throw name.error;
console.log("its name", JSON.stringify(name.result.result ?? ""));

// The scene in one request, instead of thousands of calls.
const scene = await client.sceneTree({ depth: 1, fields: ["name", "outType"] });
console.log("it holds", scene.items.map((item) => item.name).join(", "));

// Frames as they come; the loop may be slower than the render.
for await (const frame of client.frames({ format: "png", width: 320 })) {
  console.log("frame", frame.sequence, frame.mediaType, frame.bytes.length > 0);
  break;
}

// Events; a lost connection is made again.
for await (const event of client.events({ width: 64 })) {
  if (event.type !== "newImage") continue;
  console.log("image with", event.render_images.data[0].tonemappedSamplesPerPixel > 0 ? "samples" : "none");
  break;
}

// What goes wrong says what to do.
try {
  await client.call("ApiItem", "name", { objectPtr: { handle: "not a number" } });
} catch (error) {
  if (!(error instanceof OctaneError)) throw error;
  console.log(error.code, "at", error.field);
}
