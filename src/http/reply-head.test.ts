import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { ReplyHead } from "./reply-head.ts";

async function replyTo(answer: (response: ServerResponse) => void): Promise<IncomingMessage> {
  const server = createServer((_request, response) => answer(response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const request = get({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", agent: false });
  const [reply] = (await once(request, "response")) as [IncomingMessage];
  reply.resume();
  await once(reply, "end");
  server.close();
  return reply;
}

const ways: Readonly<Record<string, (head: ReplyHead, response: ServerResponse) => void>> = {
  "written at once": (head, response) => {
    head.write(response, 201);
    response.end();
  },
  "handed to Node": (head, response) => {
    head.moveTo(response);
    response.writeHead(201).end();
  },
};

for (const [name, send] of Object.entries(ways)) {
  test(`headers ${name} arrive once each, with the value that was set last`, async () => {
    const reply = await replyTo((response) => {
      const head = new ReplyHead();
      head.set("X-Octane-Epoch", "a-1");
      head.set("Vary", "Origin");
      head.set("X-Octane-Epoch", "a-2");
      assert.deepEqual(head.fields, ["X-Octane-Epoch", "a-2", "Vary", "Origin"]);
      send(head, response);
    });
    assert.equal(reply.statusCode, 201);
    assert.equal(reply.headers.vary, "Origin");
    const epochs = reply.rawHeaders.filter((_, index, all) => all[index - 1] === "X-Octane-Epoch");
    assert.deepEqual(epochs, ["a-2"]);
  });

  test(`headers ${name} cannot end the head early`, async () => {
    await replyTo((response) => {
      const head = new ReplyHead();
      head.set("X-Call-Id", "1\r\nSet-Cookie: a=b");
      assert.throws(() => send(head, response), { code: "ERR_INVALID_CHAR" });
      for (const each of response.getHeaderNames()) response.removeHeader(each);
      if (!response.headersSent) response.writeHead(200);
      response.end();
    });
  });
}
