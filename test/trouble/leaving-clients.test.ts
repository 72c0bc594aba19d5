import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket } from "ws";
import { countFaults } from "../../bench/soak/fault-log.ts";
import { createProxy } from "../../src/index.ts";
import { genericProtoDir, startGenericServer } from "../generic-server.ts";

test("a client that closes its WebSocket in mid-stream is no fault of the proxy", async (t) => {
  const server = await startGenericServer();
  const { logger, faults } = countFaults();
  const proxy = await createProxy({ port: 0, octane: server.address, proto: [genericProtoDir], logger });
  t.after(async () => {
    await proxy.close();
    server.close();
  });
  await proxy.ready();
  for (let client = 0; client < 8; client++) {
    const cancelled = server.cancelled("Count");
    const socket = new WebSocket(`${proxy.url.replace("http", "ws")}/ws/EverythingService/Count`);
    socket.on("open", () => socket.send('{"message":{"count":1000000,"text_length":100}}'));
    socket.once("message", () => socket.close());
    await cancelled;
  }
  assert.deepEqual(faults(), []);
});
