import { ProxyError } from "../errors.ts";
import { readTimeoutMs } from "../rpc/deadline.ts";
import { requestMetadata } from "../rpc/metadata.ts";
import { createSceneCalls, handleOf, type SceneCalls } from "../rpc/scene-calls.ts";
import { parseSceneRequest, type SceneRequest } from "../rpc/scene-request.ts";
import { type VisitedNode, walkScene } from "../rpc/scene-walk.ts";
import type { Caller } from "../rpc/unary-call.ts";
import { openLines, wantsLines } from "./json-lines.ts";
import { createDependentSignal } from "./request-signal.ts";
import type { RequestContext, Route } from "./route.ts";
import { sceneLine, sceneTree } from "./scene-json.ts";

export interface SceneRoutesInit {
  readonly caller: Caller;
  /** For requests that name no deadline. */
  readonly timeoutMs: number;
}

/** Calls under way at once. */
const concurrency = 16;
const maxTreeChars = 256 * 1024 * 1024;

/** `POST /scene/tree`: the whole scene in one request. */
export function createSceneRoutes(init: SceneRoutesInit): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/scene/tree",
      async handle(context) {
        context.note.call = "scene/tree";
        context.note.protocol = "scene";
        const { headers } = context.request;
        const timeoutMs = readTimeoutMs(headers, init.timeoutMs);
        const metadata = requestMetadata(headers);
        const body = await context.readBody();
        context.note.requestBody = body;
        const request = parseSceneRequest(body);
        const signal = createDependentSignal(context.signal);
        const calls = createSceneCalls({ caller: init.caller, timeoutMs, signal, metadata, concurrency });
        const startedAt = performance.now();
        try {
          const root = request.root ?? (await findRoot(calls));
          const answer = wantsLines(context.request) ? answerLines : answerJson;
          const nodes = await answer(context, calls, request, root);
          context.logger.info(`scene of ${nodes} nodes read with ${calls.count} calls`, {
            id: context.callId,
            nodes,
            calls: calls.count,
            ms: Math.round((performance.now() - startedAt) * 100) / 100,
          });
        } finally {
          // What was read ahead and is no longer wanted.
          signal.abort(new ProxyError("client_gone", "the walk of the scene has ended"));
        }
      },
    },
  ];
}

async function findRoot(calls: SceneCalls): Promise<string> {
  const reply = await calls.ask("ApiProjectManager", "rootNodeGraph", {});
  const root = handleOf(reply.message.result);
  if (root !== undefined) return root;
  throw new ProxyError("upstream_malformed", "Octane gave no root graph for the open project");
}

/** `{"root": node}`. Resolves to the number of nodes. */
async function answerJson(
  context: RequestContext,
  calls: SceneCalls,
  request: SceneRequest,
  root: string,
): Promise<number> {
  const nodes = new Map<string, VisitedNode>();
  const walk = await walkScene(calls, request, root, (node) => {
    nodes.set(node.handle, node);
  });
  const top = nodes.get(root);
  if (top === undefined) throw new Error("the walk has not visited its root");
  const body = sceneTree(top, nodes, walk, request.fields, maxTreeChars);
  context.note.replyBody = body;
  context.sendJson(200, body);
  return nodes.size;
}

/** One line for each node in the order of the walk, and a last one that says that all are there. */
async function answerLines(
  context: RequestContext,
  calls: SceneCalls,
  request: SceneRequest,
  root: string,
): Promise<number> {
  const lines = openLines(context);
  let count = 0;
  await lines.finish(async () => {
    await walkScene(calls, request, root, async (node) => {
      count++;
      await lines.write(sceneLine(node, request.fields));
    });
  });
  return count;
}
