import type { GrpcCode } from "../../errors.ts";
import { endOf, isAnswered, type RecordedCall, type Recording } from "../../recording/recording.ts";

/** What a recording holds, as text: a few lines on the whole, then one line for each path. */
export function listRecording(recording: Recording): string {
  const { header, calls, durationMs, stopped } = recording;
  const gaps = stopped?.gaps ?? calls.reduce((sum, call) => sum + call.gaps, 0);
  const rows = listPaths(calls);
  const width = Math.max(0, ...rows.map(([path]) => path.length));
  return [
    `recorded ${header.startedAt} by octane-proxy ${header.program}, generation ${header.generation}`,
    `${seconds(durationMs)}, ${calls.length} calls of ${rows.length} methods`,
    ...(stopped?.why === "full" ? ["it reached its largest size and does not hold all of the session"] : []),
    ...(gaps > 0 ? [`${gaps} messages are missing, because the disk was too slow for them`] : []),
    "",
    ...rows.map(([path, text]) => `${path.padEnd(width)}  ${text}`),
  ].join("\n");
}

function listPaths(calls: readonly RecordedCall[]): [path: string, text: string][] {
  const byPath = new Map<string, RecordedCall[]>();
  for (const call of calls) {
    const list = byPath.get(call.path);
    if (list === undefined) byPath.set(call.path, [call]);
    else list.push(call);
  }
  return [...byPath]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, ofPath]) => [path, describeCalls(ofPath)]);
}

function describeCalls(calls: readonly RecordedCall[]): string {
  const streams = calls.filter(({ isUnary }) => !isUnary);
  const messages = streams.flatMap(({ events }) => events.filter(({ kind }) => kind === "message"));
  const codes = new Map<GrpcCode, number>();
  for (const call of calls) {
    const code = endOf(call)?.code;
    if (code !== undefined && code !== "OK") codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  const unanswered = calls.filter((call) => !isAnswered(call)).length;
  return [
    `${calls.length} ${calls.length === 1 ? "call" : "calls"}`,
    ...(streams.length > 0 ? [`${messages.length} messages`] : []),
    ...[...codes].map(([code, count]) => `${count} ${code}`),
    ...(unanswered > 0 ? [`${unanswered} without an answer`] : []),
  ].join(", ");
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
