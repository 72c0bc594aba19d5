import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Listens and tells the URL to reach it.
 * @throws Error with advice when the port is taken, not allowed, or the address is not this machine's.
 */
export async function listen(
  server: Server,
  host: string,
  port: number,
  scheme: "http" | "https" = "http",
): Promise<{ url: string; port: number }> {
  await new Promise<void>((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException) =>
      reject(new Error(explain(cause, host, port), { cause }));
    server.once("error", onError);
    server.listen({ host, port }, () => {
      server.off("error", onError);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  return {
    url: `${scheme}://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    port: address.port,
  };
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case "EADDRINUSE":
      return `port ${port} on ${host} is in use: stop the program that has it, or take another with --port (--port 0 takes a free one)`;
    case "EACCES":
      return `port ${port} on ${host} may not be used without more rights: take one above 1023 with --port`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${JSON.stringify(host)} is no address of this machine: give one of its own with --host, such as 127.0.0.1`;
    default:
      return `cannot listen on ${host} port ${port}: ${error.message}`;
  }
}
