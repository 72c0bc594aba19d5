import { effect, signal } from "@preact/signals";
import { epoch } from "../../api/health.ts";
import { addCall, type PastCall, readHistory, storeHistory } from "./call-history.ts";
import { parseBody } from "./json-text.ts";
import type { Method } from "./method.ts";
import { type RunHandle, startRun } from "./run.ts";
import { addHandles, findHandles, type SeenHandle } from "./seen-handles.ts";

const historyKey = "octane-proxy.calls.history";
const mostDrafts = 50;

/** JSON of the request that is being written, by the method's id. */
export const drafts = signal<ReadonlyMap<string, string>>(new Map());

/** The last call that was sent, with its reply. */
export const lastRun = signal<RunHandle | undefined>(undefined);

export const history = signal<readonly PastCall[]>(readHistory(localStorage.getItem(historyKey)));

/** Handles of the Octane that is connected. */
export const seenHandles = signal<readonly SeenHandle[]>([]);

const firstDraft = "{}";

export function draftOf(method: Method): string {
  return drafts.value.get(method.id) ?? firstDraft;
}

export function setDraft(method: Pick<Method, "id">, text: string): void {
  const others = [...drafts.peek()].filter(([id]) => id !== method.id);
  drafts.value = new Map([...others, [method.id, text] as const].slice(-mostDrafts));
}

/** Sends the request as it is written. A call that still runs is given up for it. */
export function sendDraft(method: Method): void {
  lastRun.peek()?.cancel();
  const text = draftOf(method);
  const body = text.trim() === "" ? firstDraft : text;
  lastRun.value = startRun({
    method,
    body,
    onReply: (reply) => remember(findHandles(reply, `${method.service}.${method.name}`)),
    onEnd: ({ startedAt, durationMs = 0, error }) =>
      keep({
        service: method.service,
        method: method.name,
        body,
        at: startedAt,
        durationMs,
        code: error?.code ?? "OK",
      }),
  });
}

/** The draft as one more message of the call under way. */
export function sendNext(method: Method): void {
  const parsed = parseBody(draftOf(method));
  if (parsed.isValid) lastRun.peek()?.send(parsed.value);
}

export function remember(found: readonly SeenHandle[]): void {
  if (found.length > 0) seenHandles.value = addHandles(seenHandles.peek(), found);
}

export function clearHistory(): void {
  setHistory([]);
}

/** Handles mean nothing to another Octane. Returns what ends the watch. */
export function followEpoch(): () => void {
  let last: string | undefined;
  return effect(() => {
    const now = epoch.value;
    if (now === undefined) return;
    if (last !== undefined && last !== now) seenHandles.value = [];
    last = now;
  });
}

function keep(call: PastCall): void {
  setHistory(addCall(history.peek(), call));
}

function setHistory(calls: readonly PastCall[]): void {
  history.value = calls;
  try {
    localStorage.setItem(historyKey, storeHistory(calls));
  } catch {
    // The browser's storage is full or forbidden: the history then lasts as long as the page.
  }
}
