import { type OctaneError, readError } from "../../../src/client/fetch-client.ts";
import type { SceneNode } from "../../../src/client/scene.ts";
import { request } from "../../api/proxy.ts";

export interface ReadSceneOptions {
  /** Default: the project's root graph. */
  readonly root?: string | undefined;
  readonly depth?: number | undefined;
  readonly signal: AbortSignal;
  /** Called with each node as it comes, parents first. */
  readonly onNode: (node: SceneNode) => void;
}

/** Long enough for the largest scene; whoever waits for less aborts. */
const deadlineMs = 10 * 60_000;

/** `POST /scene/tree`, node by node. @throws OctaneError, or what `signal` was aborted with */
export async function readSceneNodes({ root, depth, signal, onNode }: ReadSceneOptions): Promise<void> {
  const { body } = await request(
    "POST",
    "/scene/tree",
    { ...(root === undefined ? {} : { root }), ...(depth === undefined ? {} : { depth }) },
    { signal, timeoutMs: deadlineMs, headers: { Accept: "application/x-ndjson" } },
  );
  if (body === null) throw new Error("the proxy answered without a scene");
  for await (const line of lines(body)) {
    const told = JSON.parse(line) as SceneNode & { readonly end?: object; readonly error?: unknown };
    if (told.end !== undefined) return;
    if (told.handle === undefined) throw failure(told.error);
    onNode(told);
  }
  throw new Error("the scene was cut off before its end");
}

async function* lines(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n");
      rest = parts.pop() ?? "";
      yield* parts.filter((part) => part !== "");
    }
  } finally {
    await reader.cancel();
  }
}

function failure(body: unknown): OctaneError | Error {
  return readError(body) ?? new Error("the scene could not be read to its end");
}
