import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { bodyOf, sendRaw, startHttp } from "../../test/http-fixture.ts";

const head = "POST /Known/name HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";

function withBody(headers: string, body: Buffer | string): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([Buffer.from(`${head}${headers}Content-Length: ${bytes.length}\r\n\r\n`), bytes]);
}

test("bodies arrive whole in every form that HTTP and clients have", async (t) => {
  const { server, calls } = await startHttp(t);
  const text = '{"name":"é"}';
  const cases: [string, Buffer | string, string][] = [
    ["with a length", withBody("", text), text],
    ["chunked", `${head}Transfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n`, '{"a":1}'],
    [
      "chunked with extensions and trailers",
      `${head}Transfer-Encoding: chunked\r\n\r\n2;x=y\r\n{}\r\n0\r\nX-T: 1\r\n\r\n`,
      "{}",
    ],
    ["without length or coding", `${head}\r\n`, ""],
    ["of length 0", `${head}Content-Length: 0\r\n\r\n`, ""],
    ["with a byte order mark", withBody("", `\ufeff${text}`), text],
    ["with two, for the parser to refuse", withBody("", `\ufeff\ufeff${text}`), `\ufeff\ufeff${text}`],
    ["gzip", withBody("Content-Encoding: gzip\r\n", gzipSync(text)), text],
    ["deflate", withBody("Content-Encoding: Deflate\r\n", deflateSync(text)), text],
    ["brotli", withBody("Content-Encoding: br\r\n", brotliCompressSync(text)), text],
    ["identity", withBody("Content-Encoding: identity\r\n", text), text],
    ["of any content type", withBody("Content-Type: application/grpc-web+proto\r\n", text), text],
  ];
  for (const [name, request, expected] of cases) {
    await t.test(name, async () => {
      const reply = await sendRaw(server.port, request);
      assert.match(reply, /^HTTP\/1\.1 200 /);
      assert.deepEqual(bodyOf(reply), { success: true, data: { got: expected } });
    });
  }
  assert.equal(calls.length, cases.length);
});

test("bodies past the limit are refused however they come, and reach nobody", async (t) => {
  const { server, calls } = await startHttp(t, { options: { maxBodyBytes: 1000 } });
  const bomb = gzipSync(Buffer.alloc(100_000));
  const cases: [string, Buffer | string, number][] = [
    ["by their length", `${head}Content-Length: 1001\r\n\r\n`, 413],
    ["by a huge length", `${head}Content-Length: 99999999999\r\n\r\n`, 413],
    [
      "chunked",
      `${head}Transfer-Encoding: chunked\r\n\r\n${"64\r\n".concat("x".repeat(100), "\r\n").repeat(11)}0\r\n\r\n`,
      413,
    ],
    [
      "endless",
      `${head}Transfer-Encoding: chunked\r\n\r\n${"64\r\n".concat("x".repeat(100), "\r\n").repeat(11)}`,
      413,
    ],
    ["when unpacked", withBody("Content-Encoding: gzip\r\n", bomb), 413],
    ["in an unknown coding", withBody("Content-Encoding: zstd\r\n", "{}"), 415],
    ["in two codings", withBody("Content-Encoding: gzip, gzip\r\n", gzipSync(gzipSync("{}"))), 415],
    ["not in the coding they name", withBody("Content-Encoding: gzip\r\n", "{}"), 400],
  ];
  for (const [name, request, status] of cases) {
    await t.test(name, async () => {
      const reply = await sendRaw(server.port, request);
      assert.match(reply, new RegExp(`^HTTP/1.1 ${status} `));
      assert.equal(bodyOf(reply).success, false);
    });
  }
  assert.deepEqual(calls, []);
});

test("a large refused upload still gets to see its answer, and the connection lives on", async (t) => {
  const { server } = await startHttp(t, { options: { maxBodyBytes: 100_000 } });
  const start = "POST /Known/name HTTP/1.1\r\nHost: localhost\r\n";
  const body = "x".repeat(150_000);
  const uploads: [string, string][] = [
    ["with a length", `${start}Content-Length: 150000\r\n\r\n${body}`],
    [
      "chunked",
      `${start}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    ],
  ];
  for (const [name, upload] of uploads) {
    await t.test(name, async () => {
      const reply = await sendRaw(server.port, `${upload}${head}Content-Length: 2\r\n\r\n{}`);
      assert.deepEqual(
        [...reply.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => match[1]),
        ["413", "200"],
      );
    });
  }
});

test("a sender that never ends its refused body is cut off", async (t) => {
  const { server } = await startHttp(t, { options: { maxBodyBytes: 1000 } });
  const socket = connect(server.port, "127.0.0.1");
  socket.resume();
  // The reset is what is hoped for.
  socket.on("error", () => {});
  socket.write("POST /Known/name HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  let sent = 0;
  const pump = () => {
    while (!socket.destroyed && sent < 128 * 1024 * 1024) {
      sent += chunk.length;
      if (!socket.write(chunk)) return;
    }
    socket.destroy();
  };
  socket.on("drain", pump);
  pump();
  await new Promise((resolve) => socket.once("close", resolve));
  assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were taken`);
});

test("a half-sent request never becomes a call", async (t) => {
  const { server, calls, callLog } = await startHttp(t);
  await t.test("when the client ends its side", async () => {
    const reply = await sendRaw(server.port, `${head}Content-Length: 10\r\n\r\n{"a"`, { end: true });
    assert.match(reply, /^HTTP\/1\.1 400 /);
  });
  await t.test("when the client vanishes", async () => {
    const noted = new Promise((resolve) => callLog.onRecord(resolve));
    const socket = connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n`, () => socket.resetAndDestroy());
    assert.equal(((await noted) as { status: number }).status, 499);
  });
  assert.deepEqual(calls, []);
  assert.equal((await fetch(`${server.url}/livez`)).status, 200);
});

test("Expect: 100-continue is answered only when the body is wanted", async (t) => {
  const { server } = await startHttp(t, { options: { maxBodyBytes: 1000 } });
  const wanted = await sendRaw(server.port, `${head}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}`);
  assert.match(wanted, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  const tooLarge = await sendRaw(server.port, `${head}Expect: 100-continue\r\nContent-Length: 2000\r\n\r\n`);
  assert.match(tooLarge, /^HTTP\/1\.1 413 /);
});

test("10,000 levels of JSON and keys of the prototype are passed as bytes", async (t) => {
  const { server, calls } = await startHttp(t);
  for (const body of ["[".repeat(10_000), '{"__proto__":{"a":1},"constructor":1}']) {
    const response = await fetch(`${server.url}/Known/name`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });
    assert.equal(response.status, 200);
    assert.equal(Buffer.from(calls.at(-1)?.body ?? []).toString(), body);
  }
});
