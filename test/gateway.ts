import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What stands before a proxy and outlives it. */
export interface Gateway {
  readonly url: string;
  /** Whether connections reach the proxy. Else they are answered 502 in HTML, as gateways do. */
  isUp: boolean;
  /** Cuts every connection. */
  cut(): void;
  close(): Promise<void>;
}

const badGateway =
  "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<h1>502</h1>";

export async function startGateway(proxyPort: number): Promise<Gateway> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // A cut is what it is for.
    socket.on("error", () => {});
  };
  const server = createServer((socket) => {
    keep(socket);
    if (!gateway.isUp) {
      socket.once("data", () => socket.end(badGateway));
      return;
    }
    const onward = connect(proxyPort, "127.0.0.1");
    keep(onward);
    socket.pipe(onward).pipe(socket);
    socket.once("close", () => onward.destroy());
    onward.once("close", () => socket.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const gateway: Gateway = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isUp: true,
    cut,
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
  return gateway;
}
