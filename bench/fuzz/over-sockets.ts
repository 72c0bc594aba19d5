import { connect } from "node:net";
import fc from "fast-check";
import { runLanes } from "./lanes.ts";
import { grow, type Seeded, seeded } from "./mutated-bytes.ts";
import type { FuzzProxy } from "./targets.ts";

const lanes = 12;
const closeMs = 10_000;

interface Fragments {
  readonly seed: Seeded;
  /** Where the bytes are cut into writes, in parts of 1000. */
  readonly cuts: readonly number[];
  readonly ending: "half-close" | "reset";
}

const call = '{"objectPtr":{"handle":"1000001"}}';
const handshake = [
  "GET /api/callbacks HTTP/1.1",
  "Host: localhost",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "",
  "",
].join("\r\n");
const masked = Buffer.from([0x81, 0x83, 1, 2, 3, 4, 0x60, 0x60, 0x60]);

const corpus: readonly Buffer[] = [
  ...[
    `POST /ApiItem/name HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${call.length}\r\n\r\n${call}`,
    `POST /ApiItem/name HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"a":{}}\r\n0\r\n\r\n`,
    "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
    `POST /batch HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n[]`,
    `POST /ApiItem/name HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    "OPTIONS /ApiItem/name HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:1\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: a,b\r\n\r\n",
    "HEAD http://localhost/contract HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    "CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: \r\n\r\n",
    handshake,
  ].map((text) => Buffer.from(text, "latin1")),
  Buffer.concat([Buffer.from(handshake), masked]),
  Buffer.concat([Buffer.from(handshake), Buffer.from([0x88, 0x80, 0, 0, 0, 0])]),
  Buffer.concat([Buffer.from(handshake.replace("/api/callbacks", "/render/ws")), masked, masked]),
  Buffer.concat([
    Buffer.from(handshake.replace("/api/callbacks", "/ws/ApiItem/name")),
    Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
  ]),
];

const fragments: fc.Arbitrary<Fragments> = fc.record({
  seed: seeded,
  cuts: fc.array(fc.nat(1_000), { maxLength: 4 }),
  ending: fc.constantFrom("half-close", "half-close", "half-close", "reset"),
});

/**
 * Writes mutated HTTP/1.1 and WebSocket bytes in pieces to raw sockets. Each must be answered in well-formed replies, or
 * with nothing, and closed.
 * Resolves to how often each status came first.
 * @throws Error that tells the input, for the first finding.
 */
export async function fuzzSockets(
  target: FuzzProxy,
  runs: number,
  seed: number,
): Promise<Record<string, number>> {
  const firsts: Record<string, number> = {};
  const attempt = async (input: Fragments): Promise<void> => {
    const bytes = grow(input.seed, corpus);
    try {
      const reply = await exchange(target.proxy.port, bytes, input);
      // Replies to HEAD have no body that could hold an error.
      if (!bytes.includes("HEAD")) checkReplies(reply);
      const status = reply.length === 0 ? "no reply" : reply.toString("latin1", 9, 12);
      firsts[status] = (firsts[status] ?? 0) + 1;
      target.throwFault();
    } catch (error) {
      throw new Error(
        `${error instanceof Error ? error.message : error}\n    bytes ${JSON.stringify(bytes.toString("latin1"))}\n    ${input.ending}`,
        { cause: error },
      );
    }
  };
  await runLanes(runs, lanes, seed, fc.asyncProperty(fragments, attempt));
  return firsts;
}

function exchange(port: number, bytes: Buffer, { cuts, ending }: Fragments): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(
        new Error(
          `not closed in ${closeMs / 1000} s; so far ${Buffer.concat(chunks).toString("latin1").slice(0, 300)}`,
        ),
      );
    }, closeMs);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("end", () => socket.end());
    // A server that refuses the rest of a request resets the connection; what it said before counts.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    socket.on("connect", () => {
      void (async () => {
        socket.setNoDelay(true);
        for (const piece of pieces(bytes, cuts)) {
          socket.write(piece);
          await new Promise((wake) => setImmediate(wake));
        }
        if (ending === "reset") socket.resetAndDestroy();
        else socket.end();
      })();
    });
  });
}

function* pieces(bytes: Buffer, cuts: readonly number[]): Generator<Buffer> {
  const ends = cuts.map((cut) => Math.floor((cut * bytes.length) / 1_000)).sort((a, b) => a - b);
  let from = 0;
  for (const to of [...ends, bytes.length]) {
    yield bytes.subarray(from, to);
    from = to;
  }
}

function checkReplies(reply: Buffer): void {
  const text = reply.toString("latin1");
  if (text !== "" && !/^HTTP\/1\.1 \d{3} /.test(text))
    throw new Error(`no HTTP reply: ${text.slice(0, 200)}`);
  if (text.includes('"reason":"internal"')) throw new Error(`a fault of the proxy: ${text.slice(0, 600)}`);
  const status = Number(text.slice(9, 12));
  if (status >= 400 && !text.includes('"reason":"')) {
    throw new Error(`an error without a reason: ${text.slice(0, 600)}`);
  }
}
