import type { TestContext } from "node:test";
import { createProxy, type ProxyHandle, type ProxyOptions } from "../../src/index.ts";
import { silentLogger } from "../../src/observe/logger.ts";
import { type GenericServer, genericProtoDir, startGenericServer } from "../generic-server.ts";

export interface RpcProxy {
  readonly server: GenericServer;
  readonly proxy: ProxyHandle;
  /** `http://…/generic.v1.EverythingService` */
  readonly service: string;
}

/** A proxy before the generic server, ready for calls; both close after the test. */
export async function startRpcProxy(
  t: Pick<TestContext, "after">,
  options: ProxyOptions = {},
): Promise<RpcProxy> {
  const server = await startGenericServer();
  const proxy = await createProxy({
    port: 0,
    octane: server.address,
    proto: [genericProtoDir],
    logger: silentLogger,
    ...options,
  });
  t.after(async () => {
    await proxy.close();
    server.close();
  });
  await proxy.ready();
  return { server, proxy, service: `${proxy.url}/generic.v1.EverythingService` };
}

/** A message in the five-byte frame of Connect and gRPC-Web. */
export function frame(data: string | Uint8Array, flags = 0): Buffer {
  const bytes = Buffer.from(data as string);
  const head = Buffer.alloc(5);
  head[0] = flags;
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** The frames of a whole body. */
export function unframe(body: Buffer): { flags: number; data: Buffer }[] {
  const frames: { flags: number; data: Buffer }[] = [];
  let at = 0;
  while (at < body.length) {
    const length = body.readUInt32BE(at + 1);
    frames.push({ flags: body.readUInt8(at), data: body.subarray(at + 5, at + 5 + length) });
    at += 5 + length;
  }
  return frames;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

export async function post(
  url: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<Reply> {
  const response = await fetch(url, { method: "POST", body, headers });
  return {
    status: response.status,
    headers: response.headers,
    body: Buffer.from(await response.arrayBuffer()),
  };
}
