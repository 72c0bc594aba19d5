// The proxy inside a server of your own: same origin, one port.  node examples/mount.mjs [PORT]
import { createServer } from "node:http";
import { createProxy } from "octane-proxy";

const proxy = await createProxy({ listen: false, simulator: true, logLevel: "warn" });
const server = createServer((request, response) => {
  proxy.middleware(request, response, () => {
    response.setHeader("Content-Type", "text/html");
    response.end('<!doctype html><title>mine</title><img src="/render/stream.mjpeg?width=640">');
  });
});
server.on("upgrade", (request, socket, head) => {
  if (!proxy.upgrade(request, socket, head)) socket.destroy();
});
server.listen(Number(process.argv[2] ?? 8080), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
