import { distance } from "fastest-levenshtein";

/** Longer names than any API has are not compared: the cost grows with the product of the lengths. */
const longestCompared = 128;

/**
 * The candidates that `name` was most likely meant to be, best first, at most three: names that differ in case
 * only come before those with a few other letters. Empty where nothing is close.
 */
export function suggestNames(name: string, candidates: Iterable<string>): string[] {
  if (name.length > longestCompared) return [];
  const lower = name.toLowerCase();
  const limit = Math.min(5, Math.max(1, Math.floor(name.length / 3)));
  const close: { candidate: string; rank: number }[] = [];
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const rank = candidate.toLowerCase() === lower ? -1 : distance(lower, candidate.toLowerCase());
    if (rank <= limit) close.push({ candidate, rank });
  }
  close.sort((a, b) => a.rank - b.rank || (a.candidate < b.candidate ? -1 : 1));
  return close.slice(0, 3).map(({ candidate }) => candidate);
}

/** The best of `suggestNames`, if any. */
export function suggestName(name: string, candidates: Iterable<string>): string | undefined {
  return suggestNames(name, candidates)[0];
}
