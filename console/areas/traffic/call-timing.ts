import type { Call } from "./call.ts";

export type PhaseName = "queue" | "decode" | "octane" | "encode" | "http";

export interface Phase {
  readonly name: PhaseName;
  readonly label: string;
  readonly ms: number;
  /** Of the whole duration, 0 to 1. */
  readonly share: number;
}

const labels: Readonly<Record<PhaseName, string>> = {
  queue: "Waiting for a place",
  decode: "Reading the JSON",
  octane: "Octane",
  encode: "Writing the JSON",
  http: "HTTP",
};

/** Where the time of a call went, in order; what no phase accounts for is HTTP. Empty where it was not measured. */
export function phasesOf({ phases, durationMs }: Call): readonly Phase[] {
  if (phases === null) return [];
  const { queueMs, decodeMs, upstreamMs, encodeMs } = phases;
  const httpMs = Math.max(0, durationMs - queueMs - decodeMs - upstreamMs - encodeMs);
  const parts: readonly [PhaseName, number][] = [
    ["queue", queueMs],
    ["decode", decodeMs],
    ["octane", upstreamMs],
    ["encode", encodeMs],
    ["http", httpMs],
  ];
  const total = parts.reduce((sum, [, ms]) => sum + ms, 0);
  return parts.map(([name, ms]) => ({ name, label: labels[name], ms, share: total > 0 ? ms / total : 0 }));
}

/**
 * Length of a call's bar, 0 to 1, beside the longest of its list. Calls take from a fraction of a millisecond to minutes:
 * on a logarithm of the time the short ones can still be told apart.
 */
export function barLength(durationMs: number, longestMs: number): number {
  if (longestMs <= 0) return 0;
  return Math.log1p(10 * Math.max(0, durationMs)) / Math.log1p(10 * Math.max(durationMs, longestMs));
}

export function formatMs(ms: number): string {
  if (ms < 9.995) return `${ms.toFixed(2)} ms`;
  if (ms < 999.5) return `${ms.toFixed(ms < 99.95 ? 1 : 0)} ms`;
  if (ms < 59_995) return `${(ms / 1000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
