import { gzipSync } from "node:zlib";
import { toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import type { Contract, ContractMethod } from "../../src/contract/contract.ts";
import { frame } from "../../test/protocols/rpc-proxy.ts";
import { jsonTexts, lazy, sampleMessages } from "./codec-surfaces.ts";
import { type ReplyPlan, replyTroubles } from "./fuzz-octane.ts";
import { grow, type Seeded, seeded } from "./mutated-bytes.ts";

/** One request as it is sent, apart from what tells it from others. */
export interface HttpInput {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** What the upstream is to answer, where the upstream is one that does as it is told. */
  readonly plan: ReplyPlan;
}

type Codec = "json" | "wire";

/** How a call is written in one protocol. */
interface Protocol {
  readonly codec: Codec;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  path(call: ContractMethod, body: Buffer): string;
  body(message: Buffer): Buffer | undefined;
}

const shortName = ({ service, name }: ContractMethod) =>
  `/${service.fullName
    .split(".")
    .at(-1)
    ?.replace(/Service$/, "")}/${name}`;
const fullName = ({ path }: ContractMethod) => path;
const asIs = (body: Buffer) => body;
const json = { "content-type": "application/json" };

const protocols: readonly Protocol[] = [
  { codec: "json", method: "POST", headers: json, path: shortName, body: asIs },
  { codec: "json", method: "POST", headers: json, path: (call) => `/api/grpc${call.path}`, body: asIs },
  {
    codec: "json",
    method: "POST",
    headers: { ...json, "connect-protocol-version": "1" },
    path: fullName,
    body: asIs,
  },
  {
    codec: "wire",
    method: "POST",
    headers: { "content-type": "application/proto", "connect-protocol-version": "1" },
    path: fullName,
    body: asIs,
  },
  {
    codec: "json",
    method: "GET",
    headers: {},
    path: (call, body) =>
      `${call.path}?connect=v1&encoding=json&base64=1&message=${body.toString("base64url")}`,
    body: () => undefined,
  },
  {
    codec: "json",
    method: "POST",
    headers: { "content-type": "application/connect+json" },
    path: fullName,
    body: (message) => frame(message),
  },
  {
    codec: "wire",
    method: "POST",
    headers: { "content-type": "application/connect+proto" },
    path: fullName,
    body: (message) => Buffer.concat([frame(message), frame(message)]),
  },
  {
    codec: "wire",
    method: "POST",
    headers: { "content-type": "application/grpc-web+proto" },
    path: fullName,
    body: (message) => frame(message),
  },
  {
    codec: "wire",
    method: "POST",
    headers: { "content-type": "application/grpc-web-text" },
    path: fullName,
    body: (message) => Buffer.from(frame(message).toString("base64")),
  },
  {
    codec: "json",
    method: "POST",
    headers: { ...json, accept: "application/x-ndjson" },
    path: shortName,
    body: asIs,
  },
  {
    codec: "json",
    method: "POST",
    headers: { ...json, accept: "text/event-stream" },
    path: (call) => `/api/grpc${call.path}`,
    body: asIs,
  },
];

interface FixedRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const fixed: readonly FixedRequest[] = [
  ...["/", "/health", "/api/health", "/livez", "/readyz", "/contract", "/docs/", "/console/"].map(get),
  ...["/openapi.json?service=ApiItem", "/render/callback-status", "/debug-logs/abc", "/nothing/here"].map(
    get,
  ),
  ...["png", "jpg", "webp"].map((type) => get(`/render/frame.${type}?timeout=300ms&width=64&minSamples=1`)),
  get("/render/stream?fps=5&width=32&pass=beauty"),
  get("/render/stream.mjpeg?format=png&quality=50"),
  post("/render/register-callback", "{}"),
  post("/render/ping-client", "{}"),
  post("/debug/append-log", '{"sessionId":"fuzz","logEntry":"hello","timestamp":"2026-01-01"}'),
  post("/debug/clear-log", '{"sessionId":"fuzz"}'),
  post("/save-debug-logs", '{"sessionId":"fuzz","content":"text"}'),
  post("/api/log", '{"level":"info","message":"hello"}'),
  post("/api/logClear", "{}"),
  post("/scene/tree", '{"depth":1,"fields":["name","type"]}'),
  post("/scene/tree", '{"root":"1000001","depth":0}', { accept: "application/x-ndjson" }),
  post(
    "/batch",
    '[{"id":"a","service":"LiveLink","method":"GetCamera"},{"service":"ApiItem","method":"name","params":{"objectPtr":"$a.position"}}]',
  ),
  post(
    "/batch",
    '{"parallel":true,"timeoutMs":900,"calls":[{"service":"ApiInfo","method":"octaneVersion"}]}',
    {
      accept: "application/x-ndjson",
    },
  ),
];

function get(path: string): FixedRequest {
  return { method: "GET", path };
}

function post(path: string, body: string, headers: Readonly<Record<string, string>> = {}): FixedRequest {
  return { method: "POST", path, body, headers: { ...json, ...headers } };
}

/** Headers that steer what happens, with values to start from. */
const steering: readonly (readonly [string, string])[] = [
  ["x-timeout-ms", "800"],
  ["grpc-timeout", "800m"],
  ["connect-timeout-ms", "800"],
  ["accept", "application/x-ndjson;q=0.5, application/json"],
  ["content-type", "application/json; charset=utf-8"],
  ["content-encoding", "gzip"],
  ["connect-content-encoding", "br"],
  ["grpc-encoding", "gzip"],
  ["connect-accept-encoding", "gzip"],
  ["connect-protocol-version", "1"],
  ["origin", "http://localhost:3000"],
  ["host", "localhost:51023"],
  ["x-call-id", "abc"],
  ["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
  ["grpc-metadata-a", "b"],
  ["x-octane-b-bin", "AAE="],
  ["x-octane-epoch", "1"],
  ["if-none-match", '"abc"'],
  ["sec-fetch-site", "cross-site"],
  ["cookie", "a=b"],
  ["range", "bytes=0-1"],
];
const steeringValues = steering.map(([, value]) => Buffer.from(value));

/** Requests to every route of a contract's proxy: mostly sound in all but one place. */
export function httpInputs(contract: Contract, seed: number): fc.Arbitrary<HttpInput> {
  const calls = [...contract.services.values()].flatMap(({ methods }) => [...methods.values()]);
  const corpora = new Map(
    calls.map((call) => [
      call,
      {
        wire: lazy(() =>
          sampleMessages(call.desc.input, seed).map((m) => Buffer.from(toBinary(call.desc.input, m))),
        ),
        json: lazy(() =>
          sampleMessages(call.desc.input, seed).flatMap((m) =>
            jsonTexts(call.desc.input, m, call.service.registry),
          ),
        ),
        reply: lazy(() =>
          sampleMessages(call.desc.output, seed).map((m) => Buffer.from(toBinary(call.desc.output, m))),
        ),
      },
    ]),
  );
  const call = fc
    .record({
      call: fc.constantFrom(...calls),
      protocol: fc.constantFrom(...protocols),
      message: seeded,
      framing: fc.option(seeded, { freq: 2, nil: undefined }),
      replies: fc.array(seeded, { minLength: 1, maxLength: 3 }),
      status: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: -1, max: 20 })),
      details: fc.option(fc.uint8Array({ maxLength: 60 }), { nil: undefined }),
      trouble: fc.oneof(
        { weight: 6, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom(...replyTroubles) },
      ),
    })
    .map(({ call, protocol, message, framing, replies, status, details, trouble }): HttpInput => {
      const corpus = corpora.get(call);
      const bytes = grow(message, corpus?.[protocol.codec]() ?? []);
      const body = protocol.body(bytes);
      return {
        method: protocol.method,
        path: protocol.path(call, bytes),
        headers: protocol.headers,
        body: body === undefined || framing === undefined ? body : grow(framing, [body]),
        plan: {
          messages: replies.map((reply) =>
            grow(reply, corpus?.reply() ?? [])
              .subarray(0, 2_000)
              .toString("base64"),
          ),
          status,
          ...(details === undefined ? {} : { details: Buffer.from(details).toString("base64") }),
          ...(trouble === undefined ? {} : { trouble }),
        },
      };
    });
  const other = fc.record({ request: fc.constantFrom(...fixed), body: seeded }).map(
    ({ request, body }): HttpInput => ({
      method: request.method,
      path: request.path,
      headers: request.headers ?? {},
      body: request.body === undefined ? undefined : grow(body, [Buffer.from(request.body)]),
      plan: { messages: [""], status: 0 },
    }),
  );
  return fc
    .record({
      base: fc.oneof({ weight: 3, arbitrary: call }, { weight: 1, arbitrary: other }),
      path: rarely(seeded),
      method: rarely(fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE")),
      header: rarely(fc.tuple(fc.nat(steering.length - 1), seeded)),
      gzip: rarely(fc.boolean()),
    })
    .map(({ base, path, method, header, gzip }) => change(base, path, method, header, gzip));
}

function rarely<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}

function change(
  base: HttpInput,
  path: Seeded | undefined,
  method: string | undefined,
  header: readonly [number, Seeded] | undefined,
  gzip: boolean | undefined,
): HttpInput {
  const headers: Record<string, string> = { ...base.headers };
  if (header !== undefined) {
    const [index, value] = header;
    const [name, seed] = steering[index] ?? ["x-call-id", ""];
    headers[name] = headerText(grow({ ...value, index }, steeringValues) ?? seed);
  }
  let { body } = base;
  if (gzip !== undefined && body !== undefined) {
    body = gzip ? gzipSync(body) : body;
    headers["content-encoding"] = "gzip";
  }
  return {
    ...base,
    method: method ?? base.method,
    path: path === undefined ? base.path : targetText(grow(path, [Buffer.from(base.path)])),
    headers,
    body,
  };
}

/** What Node's client agrees to send; the rest is for raw sockets. */
function headerText(bytes: Buffer): string {
  return bytes.toString("latin1").replace(/[^\t\x20-\x7e\x80-\xff]/g, "?");
}

function targetText(bytes: Buffer): string {
  const text = bytes.toString("latin1").replace(/[^\x21-\xff]/g, "?");
  return text.startsWith("/") ? text : `/${text}`;
}
