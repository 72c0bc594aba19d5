import { toBinary } from "@bufbuild/protobuf";
import { loadBuiltIn } from "../../src/contract/built-in.ts";
import { ProtoSyntaxError, parseProto } from "../../src/contract/parse-proto.ts";
import { type Reason, reasons } from "../../src/errors.ts";
import { checkHost, checkOrigin, createGuardPolicy, offeredProtocols } from "../../src/http/guard.ts";
import { chooseStreamFormat } from "../../src/http/stream-accept.ts";
import { parseSegments, parseTarget } from "../../src/http/target.ts";
import { parseStreamMessage } from "../../src/http/ws-render-messages.ts";
import { parseClientMessage } from "../../src/http/ws-rpc-messages.ts";
import { createPixelConverter } from "../../src/render/pixels.ts";
import { readCallback, readGrabbedImages, readStatistics } from "../../src/render/render-messages.ts";
import { parseBatch } from "../../src/rpc/batch-request.ts";
import { readTimeoutMs } from "../../src/rpc/deadline.ts";
import { replyMetadata, requestMetadata } from "../../src/rpc/metadata.ts";
import { parseSceneRequest } from "../../src/rpc/scene-request.ts";
import { parseJson } from "../../src/transcode/json-parse.ts";
import { createStatusDetailsDecoder } from "../../src/upstream/status-details.ts";
import { sampleProto } from "../../test/transcode/sample-types.ts";
import { lazy, sampleMessages } from "./codec-surfaces.ts";
import type { Surface } from "./surface.ts";

/** Every reason that blames the request. */
export const requestRefusals: ReadonlySet<Reason> = new Set(
  (Object.keys(reasons) as Reason[]).filter((reason) => reasons[reason].culprit === "request"),
);
const imageRefusals: ReadonlySet<Reason> = new Set<Reason>(["upstream_malformed", "unsupported_image"]);

/** Whatever else reads bytes from clients or from Octane: targets, headers, batches, viewers' messages, images. */
export function parserSurfaces(seed: number): readonly Surface[] {
  const text = (name: string, seeds: readonly string[], run: (input: string) => unknown): Surface => ({
    name,
    corpus: lazy(() => seeds.map((each) => Buffer.from(each))),
    refusals: requestRefusals,
    run: (input) => void run(input.toString("latin1")),
  });
  const policy = createGuardPolicy({ allowHost: ["octane.example"], allowOrigin: ["null"], token: "secret" });
  const guarded = (host: string) => ({
    method: "GET",
    rawHeaders: ["Host", host],
    headers: { host },
    authority: undefined,
  });
  return [
    text("request target", targets, (input) => parseSegments(parseTarget(input).path)),
    text("Host", ["localhost:51023", "127.0.0.1", "[::1]:1", "octane.example"], (input) =>
      checkHost(policy, guarded(input)),
    ),
    text("Origin", ["http://localhost:3000", "null", "https://[::1]"], (input) => checkOrigin(policy, input)),
    text("WebSocket subprotocols", ["octane-proxy, bearer.c2VjcmV0"], (input) =>
      offeredProtocols({ "sec-websocket-protocol": input }),
    ),
    text(
      "Accept",
      ["text/event-stream;q=0.5, application/json", "application/x-ndjson, */*;q=0.1"],
      (input) => chooseStreamFormat(input, true),
    ),
    text("X-Timeout-Ms", ["1000", "0.5"], (input) => readTimeoutMs({ "x-timeout-ms": input }, 1)),
    text("Grpc-Timeout", ["10S", "99999999n"], (input) => readTimeoutMs({ "grpc-timeout": input }, 1)),
    text("metadata", ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "AAE="], (input) => {
      const metadata = requestMetadata({ traceparent: input, "x-octane-a": input });
      replyMetadata(metadata, new Map([[input.toLowerCase(), [input]]]));
    }),
    text("binary metadata", ["AAE=", "AAE,AAI"], (input) => requestMetadata({ "x-octane-bin": input })),
    text("viewer's message", viewerMessages, (input) => parseStreamMessage(input, () => undefined)),
    text("stream message", ['{"message":{"a":1}}', '{"end":{}}', '{"cancel":{}}'], (input) =>
      parseClientMessage(Buffer.from(input, "latin1"), false),
    ),
    bytes("JSON", [...batches, '[1.5e300,"\\ud83d\\udca5",{"a":null}]'], (input) => parseJson(input)),
    bytes("batch", batches, (input) => parseBatch(input)),
    bytes("scene request", ['{"root":"1000001","depth":2,"fields":["name"]}', "{}"], (input) =>
      parseSceneRequest(input),
    ),
    bytes(".proto file", [sampleProto], (input) => {
      try {
        parseProto(input.toString("utf8"), "fuzz.proto");
      } catch (error) {
        if (!(error instanceof ProtoSyntaxError)) throw error;
      }
    }),
    statusDetails(),
    ...renderSurfaces(seed),
  ];
}

const targets = [
  "/ApiItem/name?strict=1",
  "/api/grpc/octaneapi.ApiItemService/name",
  "/debug-logs/abc_-9",
  "http://localhost:51023/render/frame.png?width=10",
  "/ws/StreamCallback/callbackChannel?timeout=5",
];
const viewerMessages = [
  '{"type":"ack","sequence":12}',
  '{"type":"options","format":"jpeg","quality":60,"width":960,"fps":10,"pass":0,"minSamples":null,"inFlight":3}',
  '{"type":"camera","position":[1,2,3],"target":[0,0,0],"up":[0,1,0],"fov":45}',
  '{"type":"ping"}',
];
const batches = [
  '[{"id":"root","service":"ApiProjectManager","method":"rootNodeGraph"},{"service":"ApiItem","method":"name","params":{"objectPtr":"$root.result","a":["$0.result.b[2].c","$$x"]}}]',
  '{"parallel":true,"timeoutMs":5000,"calls":[{"service":"A","method":"b","params":{}}]}',
];

function bytes(name: string, seeds: readonly string[], run: (input: Buffer) => unknown): Surface {
  return {
    name,
    corpus: lazy(() => seeds.map((each) => Buffer.from(each))),
    refusals: requestRefusals,
    run: (input) => void run(input),
  };
}

function statusDetails(): Surface {
  const decode = createStatusDetailsDecoder();
  const seeds = ["CAUSDG5vIHN1Y2ggaXRlbRo=", "CAUaBAoAEgA=", ""];
  return {
    name: "grpc-status-details-bin",
    corpus: lazy(() => seeds.map((each) => Buffer.from(each, "base64"))),
    refusals: new Set(),
    run: (input) => void JSON.stringify(decode(input)),
  };
}

/** Callback messages and pictures from Octane. */
function renderSurfaces(seed: number): readonly Surface[] {
  const converter = createPixelConverter();
  return (["beta2", "alpha5"] as const).flatMap((generation) => {
    const { registry } = loadBuiltIn(generation);
    const wires = (name: string) => {
      const desc = registry.getMessage(name);
      if (desc === undefined) throw new Error(`the contract lacks ${name}`);
      return {
        desc,
        corpus: lazy(() => sampleMessages(desc, seed).map((message) => Buffer.from(toBinary(desc, message)))),
      };
    };
    const callback = wires("octaneapi.StreamCallbackRequest");
    const grabbed = wires("octaneapi.ApiRenderEngine.grabRenderResultResponse");
    const statistics = wires("octaneapi.ApiRenderEngine.getRenderStatisticsResponse");
    const surface = (
      name: string,
      { corpus }: { readonly corpus: () => readonly Buffer[] },
      run: (input: Buffer) => void,
    ): Surface => ({ name: `${generation} ${name}`, corpus, refusals: imageRefusals, run });
    const convert = (images: ReturnType<typeof readGrabbedImages>) => {
      for (const image of images ?? []) converter.convert(image, converter.layout(image));
    };
    return [
      surface("callback", callback, (input) => {
        const message = readCallback(callback.desc, input);
        if (message.type === "newImage") convert(message.images);
      }),
      surface("render result", grabbed, (input) => convert(readGrabbedImages(grabbed.desc, input))),
      surface("statistics", statistics, (input) => void readStatistics(statistics.desc, input)),
    ];
  });
}
