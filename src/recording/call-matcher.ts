import { isAnswered, type RecordedCall, type Recording } from "./recording.ts";

/** The calls of a recording by what they were called with. Shared by all connections. */
export interface CallIndex {
  /** Calls of this path that have an answer, in the order of the recording; undefined where it was never called. */
  ofPath(path: string): readonly RecordedCall[] | undefined;
  readonly paths: readonly string[];
  /** Those whose first request has this digest; undefined stands for a call without any request. */
  matches(path: string, digest: string | undefined): readonly RecordedCall[];
}

export function indexCalls(recording: Recording): CallIndex {
  const byPath = new Map<string, RecordedCall[]>();
  const byRequest = new Map<string, RecordedCall[]>();
  for (const call of recording.calls) {
    if (!isAnswered(call)) continue;
    const first = call.events.find(({ kind }) => kind === "request" || kind === "half-close");
    if (first === undefined) continue;
    const digest = first.kind === "request" ? first.digest : undefined;
    append(byPath, call.path, call);
    append(byRequest, keyOf(call.path, digest), call);
  }
  return {
    ofPath: (path) => byPath.get(path),
    paths: [...byPath.keys()],
    matches: (path, digest) => byRequest.get(keyOf(path, digest)) ?? [],
  };
}

/** What one connection has been answered so far: a new connection starts the recording from its beginning. */
export interface CallMatcher {
  /**
   * The recorded call that answers this one: equal requests get their recorded answers in order, and the last again when there are no
   * more. Undefined when no request was like it.
   */
  next(path: string, digest: string | undefined): RecordedCall | undefined;
}

export function createCallMatcher(index: CallIndex): CallMatcher {
  const used = new Map<string, number>();
  return {
    next(path, digest) {
      const calls = index.matches(path, digest);
      const key = keyOf(path, digest);
      const position = used.get(key) ?? 0;
      if (position < calls.length) used.set(key, position + 1);
      return calls[position] ?? calls.at(-1);
    },
  };
}

function keyOf(path: string, digest: string | undefined): string {
  return `${path} ${digest ?? ""}`;
}

function append(map: Map<string, RecordedCall[]>, key: string, call: RecordedCall): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [call]);
  else list.push(call);
}
