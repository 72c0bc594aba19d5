import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { UpstreamAddress } from "../candidates.ts";
import type { UpstreamTls } from "../heartbeat.ts";

const receiveBytes = 256 * 1024;

/** Hears of bytes that are valid only during the call. */
export type OnBytes = (bytes: Buffer, length: number) => void;

/** Begins to connect; the socket's events tell how it goes. With TLS it is destroyed unless the server speaks HTTP/2. */
export function dial(address: UpstreamAddress, tls: UpstreamTls | undefined, onBytes: OnBytes): Socket {
  if (tls !== undefined) return dialTls(address, tls, onBytes);
  const socket = connectTcp({
    ...address,
    noDelay: true,
    onread: {
      buffer: Buffer.allocUnsafeSlow(receiveBytes),
      callback: (length, bytes) => {
        onBytes(bytes as Buffer, length);
        return true;
      },
    },
  });
  return socket;
}

function dialTls({ host, port }: UpstreamAddress, tls: UpstreamTls, onBytes: OnBytes): Socket {
  const { ca, cert, key, serverName } = tls;
  const socket = connectTls({
    host,
    port,
    ALPNProtocols: ["h2"],
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  });
  socket.setNoDelay(true);
  socket.on("secureConnect", () => {
    if (socket.alpnProtocol !== "h2") socket.destroy(new Error("the server does not speak HTTP/2 over TLS"));
  });
  socket.on("data", (bytes: Buffer) => onBytes(bytes, bytes.length));
  return socket;
}
