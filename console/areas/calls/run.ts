import { type Signal, signal } from "@preact/signals";
import { OctaneError, pathOf, readResults } from "../../../src/client/fetch-client.ts";
import { createMailbox } from "../../../src/client/mailbox.ts";
import { client, getJson, requestText } from "../../api/proxy.ts";
import { sendsMany } from "./form-schema.ts";
import { layOut } from "./json-text.ts";
import type { Method } from "./method.ts";

export interface RunMessage {
  /** From 1, of all that went either way. */
  readonly number: number;
  readonly direction: "sent" | "received";
  /** Since the call began. */
  readonly atMs: number;
  readonly text: string;
}

/** Of a unary call, as the proxy's inspector knows them. */
export interface Phases {
  readonly queueMs: number;
  readonly decodeMs: number;
  readonly upstreamMs: number;
  readonly encodeMs: number;
}

/** A call as far as it has come. */
export interface Run {
  readonly state: "running" | "done" | "failed";
  /** Whether another request can be sent. */
  readonly takesRequests: boolean;
  readonly method: Method;
  /** As it was sent first. */
  readonly body: string;
  readonly startedAt: number;
  readonly durationMs: number | undefined;
  readonly status: number | undefined;
  readonly callId: string | undefined;
  /** The newest. */
  readonly messages: readonly RunMessage[];
  readonly messageCount: number;
  readonly receivedBytes: number;
  readonly error: OctaneError | undefined;
  readonly phases: Phases | undefined;
}

export interface RunHandle {
  readonly run: Signal<Run>;
  cancel(): void;
  /** Another request of a stream of requests. */
  send(request: unknown): void;
  /** No more requests. */
  end(): void;
}

export interface RunInit {
  readonly method: Method;
  /** JSON as it is sent. */
  readonly body: string;
  /** Called with each reply. */
  readonly onReply: (reply: unknown) => void;
  /** Called once, when the call is over. */
  readonly onEnd: (run: Run) => void;
}

export const mostMessages = 200;
/** Of a stream's message; of a single reply everything is kept. */
const maxMessageLength = 65_536;
const maxWaitingRequests = 1_000;
const publishEveryMs = 100;

/** Makes the call. What comes can be watched in `run`, which changes ten times a second at most. */
export function startRun({ method, body, onReply, onEnd }: RunInit): RunHandle {
  const started = performance.now();
  const stopping = new AbortController();
  // None may be left out: a call that does not get its requests away is given up.
  const requests = createMailbox<unknown>(maxWaitingRequests, () => stopping.abort());
  let messages: RunMessage[] = [];
  let messageCount = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let next: Run = {
    state: "running",
    takesRequests: sendsMany(method.kind),
    method,
    body,
    startedAt: Date.now(),
    durationMs: undefined,
    status: undefined,
    callId: undefined,
    messages,
    messageCount,
    receivedBytes: 0,
    error: undefined,
    phases: undefined,
  };
  const run = signal(next);

  function change(changes: Partial<Run>): void {
    next = { ...next, ...changes };
    timer ??= setTimeout(publish, publishEveryMs);
  }

  function publish(): void {
    clearTimeout(timer);
    timer = undefined;
    run.value = { ...next, messages: messages.slice(), messageCount };
  }

  function add(direction: RunMessage["direction"], text: string): void {
    const atMs = performance.now() - started;
    messages.push({ number: ++messageCount, direction, atMs, text });
    if (messages.length > mostMessages) messages = messages.slice(-mostMessages);
    change({});
  }

  function addResult(result: unknown): void {
    const text = JSON.stringify(result, null, 2);
    change({ receivedBytes: next.receivedBytes + text.length });
    add("received", shortened(text));
    onReply(result);
  }

  function send(request: unknown): void {
    add("sent", shortened(JSON.stringify(request, null, 2)));
    requests.put(request);
  }

  async function callOnce(): Promise<void> {
    const response = await requestText("POST", pathOf(method.service, method.name), body, {
      signal: stopping.signal,
    });
    change(headOf(response));
    const text = await response.text();
    change({ receivedBytes: new Blob([text]).size });
    add("received", layOut(text));
    onReply(JSON.parse(text));
  }

  async function readStream(): Promise<void> {
    const response = await requestText("POST", pathOf(method.service, method.name), body, {
      signal: stopping.signal,
      headers: { Accept: "application/x-ndjson" },
    });
    change(headOf(response));
    for await (const result of readResults(response)) addResult(result);
  }

  async function converse(): Promise<void> {
    send(JSON.parse(body));
    const iterable = { [Symbol.asyncIterator]: () => requests };
    const replies = client.value.converse(method.service, method.name, iterable, { signal: stopping.signal });
    for await (const result of replies) addResult(result);
  }

  async function perform(): Promise<void> {
    try {
      if (method.kind === "unary") await callOnce();
      else if (method.kind === "server_streaming") await readStream();
      else await converse();
      change({ state: "done" });
    } catch (thrown) {
      const error = asOctaneError(thrown, stopping.signal);
      change({
        state: "failed",
        error,
        status: error.status ?? next.status,
        callId: error.callId ?? next.callId,
      });
    }
    requests.end();
    change({ takesRequests: false, durationMs: performance.now() - started });
    publish();
    onEnd(run.peek());
    if (method.kind === "unary" && next.callId !== undefined) await addPhases(next.callId);
  }

  async function addPhases(callId: string): Promise<void> {
    try {
      const { phases } = await getJson<{ readonly phases: Phases | null }>(
        `/debug/calls/${encodeURIComponent(callId)}`,
      );
      if (phases !== null) change({ phases });
    } catch {
      // The inspector may have forgotten the call: the whole time is known all the same.
    }
  }

  void perform();
  return {
    run,
    cancel: () => stopping.abort(),
    send: (request) => {
      if (next.takesRequests) send(request);
    },
    end: () => {
      requests.end();
      change({ takesRequests: false });
      publish();
    },
  };
}

function headOf(response: Response): Pick<Run, "status" | "callId"> {
  return { status: response.status, callId: response.headers.get("x-call-id") ?? undefined };
}

function shortened(text: string): string {
  if (text.length <= maxMessageLength) return text;
  return `${text.slice(0, maxMessageLength)}\n… ${text.length - maxMessageLength} more characters are not kept`;
}

function asOctaneError(thrown: unknown, signal: AbortSignal): OctaneError {
  if (thrown instanceof OctaneError) return thrown;
  if (signal.aborted) return new OctaneError("CANCELLED", "the call was cancelled", { cause: thrown });
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new OctaneError("UNAVAILABLE", `the reply was cut: ${message}`, { cause: thrown });
}
