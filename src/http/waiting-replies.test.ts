import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { createGate, startHttp } from "../../test/http-fixture.ts";

test("ends requests that a client sent ahead when it goes away before their turn", async (t) => {
  const ahead = 30;
  let begun = 0;
  const all = createGate<void>();
  const gone: Promise<unknown>[] = [];
  const { server } = await startHttp(t, {
    drainMs: 60_000,
    async callJson({ signal }) {
      assert.ok(signal);
      const cancelled = new Promise<void>((resolve) => signal.addEventListener("abort", resolve));
      gone.push(cancelled);
      if (++begun === ahead) all.resolve();
      await cancelled;
      throw signal.reason;
    },
  });
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write("POST /Known/call HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}".repeat(ahead));
  await all.promise;
  socket.resetAndDestroy();
  await Promise.all(gone);
  assert.equal(gone.length, ahead);
  // Would wait for the drain time if one of them still counted as running.
  await server.close();
});
