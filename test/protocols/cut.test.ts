import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createProxy, type ProxyHandle } from "../../src/index.ts";
import { silentLogger } from "../../src/observe/logger.ts";
import { type GenericServer, genericProtoDir, startGenericServer } from "../generic-server.ts";
import { createGate } from "../http-fixture.ts";
import { findGenericMethod } from "./generic-methods.ts";
import type { Outcome } from "./protocol-client.ts";
import { protocols } from "./protocols.ts";

const hang = { number: 1, text: "hang" };

/** Calls that are still open when the server goes; of those that stream replies the client has one already. */
const calls = [
  { kind: "unary", method: "Hang", requests: [{}], repliesFirst: false },
  {
    kind: "server_streaming",
    method: "Count",
    requests: [{ count: 1, hangAfter: true }],
    repliesFirst: true,
  },
  { kind: "client_streaming", method: "Sum", requests: [hang], repliesFirst: false },
  { kind: "bidi_streaming", method: "Converse", requests: [hang], repliesFirst: true },
] as const;

describe("an upstream that is cut off in the middle of a call", () => {
  let server: GenericServer;
  let proxy: ProxyHandle;

  before(async () => {
    server = await startGenericServer();
    proxy = await createProxy({
      port: 0,
      octane: server.address,
      proto: [genericProtoDir],
      logger: silentLogger,
    });
  });

  after(async () => {
    await proxy.close();
    server.close();
  });

  for (const { kind, method, requests, repliesFirst } of calls) {
    test(`${kind.replace("_", " ")}: an error, never a clean end`, async (t) => {
      await proxy.ready();
      const speakers = protocols.filter((protocol) => protocol.refuses(kind) === undefined);
      const outcomes: Promise<Outcome>[] = [];
      for (const protocol of speakers) {
        const reached = server.begun(method);
        const replied = createGate<void>();
        const call = { method: findGenericMethod(method, kind), requests, onMessage: replied.resolve };
        outcomes.push(protocol.call(proxy.url, call));
        await (repliesFirst ? replied.promise : reached);
      }
      assert.equal(server.open.get(method), speakers.length);
      server.close();
      for (const [index, protocol] of speakers.entries()) {
        await t.test(protocol.name, async () => {
          const { code, message, messages } = (await outcomes[index]) ?? assert.fail();
          assert.equal(code, "UNAVAILABLE", message);
          assert.match(message ?? "", /connection to Octane at .* was lost/);
          assert.equal(messages.length, repliesFirst ? 1 : 0);
        });
      }
      server = await startGenericServer(Number(server.address.split(":")[1]));
    });
  }

  test("leaves nothing open that would keep the proxy from closing at once", async () => {
    await proxy.close();
    assert.equal(
      [...server.open.values()].reduce((sum, count) => sum + count, 0),
      0,
    );
  });
});
