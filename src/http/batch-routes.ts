import { type BatchOptions, type BatchResult, runBatch } from "../rpc/batch.ts";
import { type BatchRequest, parseBatch } from "../rpc/batch-request.ts";
import { readTimeoutMs } from "../rpc/deadline.ts";
import { requestMetadata } from "../rpc/metadata.ts";
import type { Caller } from "../rpc/unary-call.ts";
import { itemError, openLines, wantsLines } from "./json-lines.ts";
import type { RequestContext, RequestNote, Route } from "./route.ts";
import { isStrict } from "./rpc-routes.ts";

export interface BatchRoutesInit {
  readonly caller: Caller;
  readonly strict: boolean;
  /** For batches that name no time. */
  readonly timeoutMs: number;
}

/** Calls under way at once in a parallel batch. */
const concurrency = 16;
const maxParamsChars = 32 * 1024 * 1024;
const maxHeldBytes = 256 * 1024 * 1024;
const maxNotedFields = 8;

/** `POST /batch`: many calls in one request. */
export function createBatchRoutes(init: BatchRoutesInit): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/batch",
      async handle(context) {
        context.note.call = "batch";
        context.note.protocol = "batch";
        const { headers } = context.request;
        const headerTimeoutMs = readTimeoutMs(headers, init.timeoutMs);
        const metadata = requestMetadata(headers);
        const body = await context.readBody();
        context.note.requestBody = body;
        const request = parseBatch(body);
        const options = {
          caller: init.caller,
          strict: init.strict || isStrict(context.query),
          timeoutMs: request.timeoutMs ?? headerTimeoutMs,
          signal: context.signal,
          metadata,
          logger: context.logger,
          callId: context.callId,
          concurrency,
          maxParamsChars,
          maxHeldBytes,
        };
        const startedAt = performance.now();
        const answer = wantsLines(context.request) ? answerLines : answerJson;
        const failed = await answer(context, request, options);
        context.logger.info(`batch of ${request.calls.length} calls, ${failed} failed`, {
          id: context.callId,
          calls: request.calls.length,
          failed,
          parallel: request.parallel,
          ms: Math.round((performance.now() - startedAt) * 100) / 100,
        });
      },
    },
  ];
}

type Unanswered = Omit<BatchOptions, "collects" | "onResult">;

/** `{"results":[…]}`. Resolves to the number of failed calls. */
async function answerJson(
  context: RequestContext,
  request: BatchRequest,
  options: Unanswered,
): Promise<number> {
  const items: Buffer[] = [];
  let failed = 0;
  await runBatch(request, {
    ...options,
    collects: true,
    onResult(result) {
      if (result.error !== undefined) failed++;
      noteIgnored(context.note, result);
      items[result.index] = formatResult(result);
    },
  });
  const parts: Buffer[] = [Buffer.from('{"results":[')];
  for (const [index, item] of items.entries()) {
    if (index > 0) parts.push(comma);
    parts.push(item);
  }
  parts.push(Buffer.from("]}"));
  const body = Buffer.concat(parts);
  context.note.replyBody = body;
  context.sendJson(200, body);
  return failed;
}

/** One line for each result as it comes, and a last one that says that all are there. */
async function answerLines(
  context: RequestContext,
  request: BatchRequest,
  options: Unanswered,
): Promise<number> {
  const lines = openLines(context);
  let failed = 0;
  await lines.finish(() =>
    runBatch(request, {
      ...options,
      collects: false,
      async onResult(result) {
        if (result.error !== undefined) failed++;
        noteIgnored(context.note, result);
        await lines.write(formatResult(result));
      },
    }),
  );
  return failed;
}

/** For the log line of the batch, which shows the first few. */
function noteIgnored(note: RequestNote, { index, ignoredFields }: BatchResult): void {
  const noted = note.ignoredFields ?? [];
  if (ignoredFields === undefined || noted.length >= maxNotedFields) return;
  const paths = ignoredFields.map(
    (path) => `calls[${index}].params${path.startsWith("[") ? "" : "."}${path}`,
  );
  note.ignoredFields = [...noted, ...paths].slice(0, maxNotedFields);
}

const comma = Buffer.from(",");
const closingBrace = Buffer.from("}");

/** `{id?, index, ignoredFields?, result}` or `{id?, index, ignoredFields?, error}`. */
function formatResult(result: BatchResult): Buffer {
  const { index, id, ignoredFields } = result;
  const head = {
    ...(id === undefined ? {} : { id }),
    index,
    ...(ignoredFields === undefined ? {} : { ignoredFields }),
  };
  if (result.error !== undefined) {
    return Buffer.from(JSON.stringify({ ...head, error: itemError(result.error) }));
  }
  const start = `${JSON.stringify(head).slice(0, -1)},"result":`;
  return Buffer.concat([Buffer.from(start), result.json, closingBrace]);
}
