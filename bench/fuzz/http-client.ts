import { Agent, type IncomingMessage, request } from "node:http";
import type { HttpInput } from "./http-requests.ts";

export interface HttpOutcome {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  /** Of an endless reply only the beginning was read. */
  readonly isWhole: boolean;
  /** The client left before an answer: only where the request may rightly wait long. */
  readonly hasLeft?: true;
}

export interface HttpClient {
  /** @throws Error when no answer comes in time or the connection is cut before one. */
  send(input: HttpInput, id: string): Promise<HttpOutcome>;
  close(): void;
}

const answerMs = 15_000;
/** A still waits for the frame that is asked for. */
const patient = /^\/render\/frame\./;
const leaveMs = 1_000;
/** For streams that go on by themselves. */
const listenMs = 60;

/** Sends on connections that are kept. */
export function createHttpClient(port: number, connections: number): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    send: (input, id) =>
      new Promise((resolve, reject) => {
        const { method, path, body } = input;
        const sent = request({
          port,
          host: "127.0.0.1",
          agent,
          method,
          path,
          headers: {
            host: "localhost",
            "x-timeout-ms": "900",
            "x-request-id": id,
            "x-octane-plan": Buffer.from(JSON.stringify(input.plan)).toString("base64"),
            ...input.headers,
            ...(body === undefined ? {} : { "content-length": body.length }),
          },
        });
        const mayWait = patient.test(path);
        const timer = setTimeout(
          () => {
            if (mayWait)
              resolve({ status: 0, headers: {}, body: Buffer.alloc(0), isWhole: false, hasLeft: true });
            sent.destroy(new Error(`no answer in ${answerMs / 1000} s`));
          },
          mayWait ? leaveMs : answerMs,
        );
        const finish = (settle: () => void) => {
          clearTimeout(timer);
          settle();
        };
        sent.once("error", (error) => finish(() => reject(error)));
        sent.once("response", (response) => read(response, (outcome) => finish(() => resolve(outcome))));
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}

const endless =
  /^(?:text\/event-stream|application\/x-ndjson|multipart\/|application\/(?:connect\+|grpc-web))/;

function read(response: IncomingMessage, done: (outcome: HttpOutcome) => void): void {
  const chunks: Buffer[] = [];
  const finish = (isWhole: boolean) => {
    clearTimeout(listening);
    done({
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: Buffer.concat(chunks),
      isWhole,
    });
  };
  const mayBeEndless = endless.test(response.headers["content-type"] ?? "");
  const listening = mayBeEndless
    ? setTimeout(() => {
        response.destroy();
        finish(false);
      }, listenMs)
    : undefined;
  response.on("data", (chunk: Buffer) => chunks.push(chunk));
  response.once("end", () => finish(true));
  // A stream that fails after its head may be cut: that is told by the reply not being whole.
  response.once("error", () => finish(false));
}
