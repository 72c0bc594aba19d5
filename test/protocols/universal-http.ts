import { once } from "node:events";
import { Agent, type IncomingMessage, request as startRequest } from "node:http";
import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalClientFn } from "@connectrpc/connect/protocol";

export interface UniversalHttp {
  readonly client: UniversalClientFn;
  close(): void;
}

/** HTTP/1.1 for Connect's own transports, with bodies that stream both ways. */
export function createUniversalHttp(): UniversalHttp {
  const agent = new Agent({ keepAlive: true });
  return {
    client: async ({ url, method, header, body, signal }) => {
      const request = startRequest(url, { method, headers: Object.fromEntries(header), agent });
      const abort = () => request.destroy(ConnectError.from(signal?.reason));
      signal?.addEventListener("abort", abort);
      const failed = once(request, "error").then(([error]) => Promise.reject(error));
      failed.catch(() => undefined);
      const answered = once(request, "response") as Promise<[IncomingMessage]>;
      answered.catch(() => undefined);
      void (async () => {
        for await (const chunk of body ?? []) {
          if (request.destroyed) return;
          if (!request.write(chunk)) await Promise.race([once(request, "drain"), once(request, "close")]);
        }
        request.end();
      })().catch((error: Error) => request.destroy(error));
      const [response] = await Promise.race([answered, failed]);
      const fields = Object.entries(response.headersDistinct).flatMap(([name, values]) =>
        (values ?? []).map((value): [string, string] => [name, value]),
      );
      return {
        status: response.statusCode ?? 0,
        header: new Headers(fields),
        trailer: new Headers(),
        body: readBody(response, signal),
      };
    },
    close: () => agent.destroy(),
  };
}

async function* readBody(
  response: IncomingMessage,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* response as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (signal?.aborted) throw ConnectError.from(signal.reason, Code.Canceled);
    throw new ConnectError("the reply was cut off", Code.Unknown, undefined, undefined, error);
  }
}
