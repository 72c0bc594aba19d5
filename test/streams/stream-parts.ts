import { type IncomingMessage, request } from "node:http";
import { WebSocket } from "ws";

/** One part of a stream, whichever way it is written. */
export interface Part {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever JSON came
  readonly result?: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly error?: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly end?: any;
}

/** A stream as a test reads it, one part at a time. */
export interface PartReader {
  /** Rejects where the stream was cut or is over. */
  next(): Promise<Part>;
  /** Goes away without a word. */
  leave(): void;
}

export type Opening = (url: string, call: string, request?: unknown) => Promise<PartReader>;

/** Every way in which plain clients get streams. */
export const openings: ReadonlyMap<string, Opening> = new Map<string, Opening>([
  ["SSE", (url, call, request) => openHttp(`${url}/${call}`, "text/event-stream", request)],
  ["NDJSON", (url, call, request) => openHttp(`${url}/api/grpc/${call}`, "application/x-ndjson", request)],
  ["WebSocket", openSocket],
]);

async function openHttp(url: string, accept: string, body: unknown = {}): Promise<PartReader> {
  const { response, leave } = await post(url, { accept }, body);
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
  const parts = splitParts(response, accept === "text/event-stream");
  return {
    async next() {
      const { value, done } = await parts.next();
      if (done === true) throw new Error("the stream is over");
      return value;
    },
    leave,
  };
}

/** A POST whose reply is read only as far as the test reads it. */
export function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: unknown = {},
): Promise<{ response: IncomingMessage; leave(): void }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", agent: false, headers });
    sent.on("error", reject);
    sent.on("response", (response) => {
      response.on("error", () => undefined);
      resolve({ response, leave: () => sent.destroy() });
    });
    sent.end(typeof body === "string" ? body : JSON.stringify(body));
  });
}

/** The parts of a body; comments of SSE are left out. Throws where the body ends inside a part. */
export async function* splitParts(
  chunks: AsyncIterable<Uint8Array>,
  isSse: boolean,
): AsyncGenerator<Part, void> {
  const separator = isSse ? "\n\n" : "\n";
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const texts = (rest + decoder.decode(chunk, { stream: true })).split(separator);
    rest = texts.pop() ?? "";
    for (const text of texts) {
      if (!isSse) yield JSON.parse(text) as Part;
      else if (!text.startsWith(":")) yield readEvent(text);
    }
  }
  if (rest !== "") throw new Error("the stream was cut inside a part");
}

function readEvent(text: string): Part {
  const found = /^(?:event: (\w+)\n)?data: (.*)$/.exec(text);
  if (found === null) throw new Error(`no event: ${text.slice(0, 80)}`);
  return { [found[1] ?? "result"]: JSON.parse(found[2] ?? "") };
}

async function openSocket(url: string, call: string, request: unknown = {}): Promise<PartReader> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws/${call}`);
  const parts = readSocket(socket);
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  socket.send(JSON.stringify({ message: request }));
  return { next: parts.next, leave: () => socket.terminate() };
}

/** The parts that a socket brings; after its close `next` rejects with the close code. */
export function readSocket(socket: WebSocket): { next(): Promise<Part> } {
  const waiting: Part[] = [];
  let wake = (): void => {};
  let closed: string | undefined;
  socket.on("message", (data) => {
    waiting.push(JSON.parse(data.toString()) as Part);
    wake();
  });
  socket.on("close", (code) => {
    closed = `closed with ${code}`;
    wake();
  });
  return {
    async next() {
      for (;;) {
        const part = waiting.shift();
        if (part !== undefined) return part;
        if (closed !== undefined) throw new Error(closed);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
