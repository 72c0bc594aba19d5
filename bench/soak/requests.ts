import { Agent, request } from "node:http";
import { WebSocket } from "ws";
import { frame, unframe } from "../../test/protocols/rpc-proxy.ts";
import type { Answer } from "./tally.ts";

/** No answer may take longer, whatever Octane does: calls have a deadline of a tenth of it. */
const answerMs = 30_000;
const deadlineMs = 3_000;

export interface Requests {
  /** One request each, by kind. */
  readonly kinds: ReadonlyMap<string, () => Promise<Answer>>;
  close(): void;
}

/** Calls in every dialect, batches, walks and streams, all reads but the camera. */
export function createRequests(port: number): Requests {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const post = (path: string, headers: Record<string, string>, body: string | Buffer): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const sent = request({
        port,
        host: "127.0.0.1",
        agent,
        method: "POST",
        path,
        headers: {
          "content-type": "application/json",
          "x-timeout-ms": String(deadlineMs),
          "content-length": Buffer.byteLength(body),
          ...headers,
        },
      });
      const timer = setTimeout(() => sent.destroy(new Error(`no answer in ${answerMs / 1000} s`)), answerMs);
      sent.once("error", (error) => {
        clearTimeout(timer);
        reject(error);
      });
      sent.once("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () => {
          clearTimeout(timer);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          });
        });
      });
      sent.end(body);
    });
  const camera = "/livelinkapi.LiveLinkService/GetCamera";
  const connect = { "connect-protocol-version": "1" };
  const lines = { accept: "application/x-ndjson" };
  const kinds = new Map<string, () => Promise<Answer>>([
    ["envelope", async () => jsonAnswer(await post("/LiveLink/GetCamera", {}, "{}"))],
    ["plain", async () => jsonAnswer(await post("/api/grpc/ApiProjectManager/rootNodeGraph", {}, "{}"))],
    ["camera pose", async () => jsonAnswer(await post("/LiveLink/SetCamera", {}, pose()))],
    ["refused", async () => jsonAnswer(await post("/LiveLink/SetCamera", {}, '{"position":1}'))],
    ["Connect JSON", async () => jsonAnswer(await post(camera, connect, "{}"))],
    [
      "Connect binary",
      async () => jsonAnswer(await post(camera, { ...connect, "content-type": "application/proto" }, "")),
    ],
    [
      "gRPC-Web",
      async () => webAnswer(await post(camera, { "content-type": "application/grpc-web+proto" }, frame(""))),
    ],
    ["batch", async () => batchAnswer(await post("/batch", {}, batch))],
    [
      "scene tree",
      async () => jsonAnswer(await post("/scene/tree", {}, '{"depth":2,"fields":["name","type"]}')),
    ],
    ["NDJSON", async () => lineAnswer(await post("/LiveLink/GetCamera", lines, "{}"))],
    [
      "callback stream",
      async () =>
        lineAnswer(
          await post("/api/grpc/StreamCallback/callbackChannel", { ...lines, "x-timeout-ms": "1500" }, "{}"),
        ),
    ],
    ["WebSocket call", () => callOnSocket(port)],
  ]);
  return { kinds, close: () => agent.destroy() };
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

const batch = JSON.stringify([
  { id: "root", service: "ApiProjectManager", method: "rootNodeGraph" },
  { service: "ApiItem", method: "name", params: { objectPtr: "$root.result" } },
  { service: "LiveLink", method: "GetCamera" },
]);

function pose(): string {
  return JSON.stringify({ position: { x: Math.random(), y: 2, z: 8 }, target: { x: 0, y: 0, z: 0 } });
}

function jsonAnswer({ status, headers, body }: Reply): Answer {
  const isJson = String(headers["content-type"]).startsWith("application/json");
  if (status === 200) {
    if (isJson) JSON.parse(body.toString("utf8"));
    return "done";
  }
  return errorAnswer(JSON.parse(body.toString("utf8")));
}

function webAnswer({ status, headers, body }: Reply): Answer {
  if (status !== 200) return errorAnswer(JSON.parse(body.toString("utf8")));
  const parts = unframe(body);
  const inHeaders = headers["grpc-status"];
  const trailers = parts
    .filter(({ flags }) => (flags & 128) !== 0)
    .map(({ data }) => data.toString("latin1"));
  if (trailers.length + (inHeaders === undefined ? 0 : 1) !== 1) throw new Error("not exactly one status");
  const code = inHeaders ?? /grpc-status: *(\d+)/i.exec(trailers[0] ?? "")?.[1];
  if (code === undefined) throw new Error("trailers without a status");
  if (code !== "0") return { reason: `grpc-status ${code}` };
  if (parts.length !== 2) throw new Error(`${parts.length - 1} messages for a unary call`);
  return "done";
}

function batchAnswer(reply: Reply): Answer {
  if (reply.status !== 200) return jsonAnswer(reply);
  const { results } = JSON.parse(reply.body.toString("utf8")) as {
    results: { result?: unknown; error?: unknown }[];
  };
  if (results.length !== 3) throw new Error(`${results.length} results for 3 calls`);
  for (const { result, error } of results) {
    if ((result === undefined) === (error === undefined))
      throw new Error("not exactly one of result and error");
    if (error !== undefined) return errorAnswer(error);
  }
  return "done";
}

function lineAnswer(reply: Reply): Answer {
  if (reply.status !== 200) return jsonAnswer(reply);
  const texts = reply.body.toString("utf8").split("\n");
  if (texts.pop() !== "") throw new Error("the last line is cut off");
  const parts = texts.map((line) => JSON.parse(line) as Record<string, unknown>);
  const ends = parts.filter((part) => "end" in part || "error" in part);
  const [end] = ends;
  if (ends.length !== 1 || end === undefined || parts.at(-1) !== end) throw new Error("not exactly one end");
  return "end" in end ? "done" : errorAnswer(end.error);
}

function errorAnswer(body: unknown): Answer {
  const { reason, code, message } = body as { reason?: unknown; code?: unknown; message?: unknown };
  if (typeof reason === "string") return { reason };
  // Connect's errors have a code and a message only.
  if (typeof code === "string" && typeof message === "string") return { reason: code };
  throw new Error(`an error without a reason: ${JSON.stringify(body).slice(0, 200)}`);
}

function callOnSocket(port: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/LiveLink/GetCamera?timeout=${deadlineMs}`);
    const timer = setTimeout(() => {
      reject(new Error(`no answer in ${answerMs / 1000} s`));
      socket.terminate();
    }, answerMs);
    const parts: Record<string, unknown>[] = [];
    socket.on("open", () => socket.send('{"message":{}}'));
    socket.on("message", (data) => parts.push(JSON.parse(data.toString()) as Record<string, unknown>));
    socket.on("error", reject);
    socket.on("close", () => {
      clearTimeout(timer);
      const kinds = parts.map((part) => Object.keys(part)[0]).join(" ");
      if (kinds === "result end") resolve("done");
      else if (kinds === "error") resolve(errorAnswer(parts[0]?.error));
      else reject(new Error(`got "${kinds}"`));
    });
  });
}
