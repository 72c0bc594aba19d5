import fc from "fast-check";
import { WebSocket } from "ws";
import type { ReplyPlan } from "./fuzz-octane.ts";
import { runLanes } from "./lanes.ts";
import { grow, type Seeded, seeded } from "./mutated-bytes.ts";
import type { FuzzProxy } from "./targets.ts";

const lanes = 8;
const closeMs = 10_000;
/** While replies and frames may come. */
const listenMs = 30;

interface Conversation {
  readonly target: Seeded;
  readonly messages: readonly { readonly seed: Seeded; readonly isBinary: boolean }[];
  readonly leaves: "with cancel" | "with close" | "without a word";
  readonly plan: ReplyPlan;
}

const paths = [
  "/ws/generic.v1.EverythingService/Converse?timeout=900",
  "/ws/EverythingService/Sum?dialect=canonical&timeout=900",
  "/ws/EverythingService/Count?dialect=envelope&strict=1&timeout=900",
  "/ws/ApiItem/name?timeout=900",
  "/ws/StreamCallback/callbackChannel?timeout=900",
  "/render/ws?format=png&quality=50&width=20&fps=9&pass=beauty&minSamples=1&lossless=true&inFlight=3",
  "/render/ws?format=raw",
  "/api/callbacks?width=20&fps=5",
].map((path) => Buffer.from(path));

const messages = [
  '{"message":{"number":1,"text":"a"}}',
  '{"message":{"count":2,"text_length":3}}',
  '{"message":{"objectPtr":{"handle":"1000001"}}}',
  '{"end":{}}',
  '{"cancel":{}}',
  '{"type":"ack","sequence":1}',
  '{"type":"options","format":"jpeg","quality":60,"width":96,"fps":10,"pass":0,"minSamples":null}',
  '{"type":"camera","position":[1,2,3],"target":[0,0,0],"up":[0,1,0],"fov":45}',
  '{"type":"ping"}',
  '{"type":"subscribe"}',
].map((text) => Buffer.from(text));

const conversation: fc.Arbitrary<Conversation> = fc.record({
  target: fc.record({
    index: fc.nat(0xffff),
    mutations: fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: seeded.map(({ mutations }) => mutations) },
    ),
    noise: fc.constant(undefined),
  }),
  messages: fc.array(
    fc.record({ seed: seeded, isBinary: fc.integer({ min: 0, max: 9 }).map((n) => n === 0) }),
    {
      maxLength: 4,
    },
  ),
  leaves: fc.constantFrom("with cancel", "with close", "without a word"),
  plan: fc.record({
    messages: fc.array(
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("base64")),
      { maxLength: 2 },
    ),
    status: fc.constantFrom(0, 0, 5, 13),
  }),
});

/**
 * Opens WebSockets, says mutated things on them and leaves in one of three ways.
 * Resolves to how often each end came.
 * @throws Error that tells the input, for the first finding.
 */
export async function fuzzWebSocket(
  target: FuzzProxy,
  runs: number,
  seed: number,
): Promise<Record<string, number>> {
  const ends: Record<string, number> = {};
  const attempt = async (input: Conversation): Promise<void> => {
    try {
      const end = await converse(target.proxy.port, input);
      ends[end] = (ends[end] ?? 0) + 1;
      target.throwFault();
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}${describe(input)}`, {
        cause: error,
      });
    }
  };
  await runLanes(runs, lanes, seed, fc.asyncProperty(conversation, attempt));
  return ends;
}

/** Resolves to the close code, or to the HTTP status of a refusal. */
function converse(port: number, input: Conversation): Promise<string> {
  return new Promise((resolve, reject) => {
    const path = grow(input.target, paths)
      .toString("latin1")
      .replace(/[^\x21-\x7e]|[#]/g, "?");
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path.startsWith("/") ? "" : "/"}${path}`, {
      headers: { "x-octane-plan": Buffer.from(JSON.stringify(input.plan)).toString("base64") },
    });
    const timer = setTimeout(() => {
      socket.terminate();
      reject(new Error(`not closed in ${closeMs / 1000} s`));
    }, closeMs);
    const finish = (end: number, error?: unknown) => {
      clearTimeout(timer);
      if (error === undefined) resolve(`${end < 1000 ? "refused" : "closed"} ${end}`);
      else reject(error);
    };
    socket.on("unexpected-response", (request, response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        request.destroy();
        const text = Buffer.concat(chunks).toString("utf8");
        // Without its upgrade an ordinary path is answered as ever.
        const { statusCode = 0 } = response;
        finish(statusCode, statusCode >= 400 ? refusalFault(text) : undefined);
      });
    });
    socket.on("error", (error) => {
      if (socket.readyState !== WebSocket.CLOSING && socket.readyState !== WebSocket.CLOSED) finish(0, error);
    });
    socket.on("message", (data: Buffer, isBinary) => {
      const fault = isBinary ? undefined : messageFault(data.toString("utf8"));
      if (fault !== undefined) finish(0, fault);
    });
    socket.on("close", (code) => finish(code));
    socket.on("open", () => {
      for (const { seed, isBinary } of input.messages)
        socket.send(grow(seed, messages), { binary: isBinary });
      setTimeout(() => leave(socket, input.leaves), listenMs);
    });
  });
}

function leave(socket: WebSocket, how: Conversation["leaves"]): void {
  if (how === "without a word") {
    socket.terminate();
    return;
  }
  if (how === "with cancel" && socket.readyState === WebSocket.OPEN) socket.send('{"cancel":{}}');
  socket.close();
}

function refusalFault(text: string): Error | undefined {
  const { reason } = JSON.parse(text) as { reason?: unknown };
  if (typeof reason === "string" && reason !== "internal") return undefined;
  return new Error(`refused without a documented reason: ${text.slice(0, 300)}`);
}

function messageFault(text: string): Error | undefined {
  JSON.parse(text);
  return text.includes('"reason":"internal"')
    ? new Error(`a fault of the proxy: ${text.slice(0, 400)}`)
    : undefined;
}

function describe({ target, messages: said, leaves, plan }: Conversation): string {
  return [
    "",
    `at ${grow(target, paths).toString("latin1")}`,
    ...said.map(
      ({ seed, isBinary }) =>
        `${isBinary ? "binary" : "text"} ${JSON.stringify(grow(seed, messages).toString("latin1"))}`,
    ),
    `leaves ${leaves}`,
    `upstream's plan ${JSON.stringify(plan)}`,
  ].join("\n    ");
}
