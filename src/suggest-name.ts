/** Longer names than any API or option has are not compared: the cost grows with the product of the lengths. */
const longestCompared = 128;

/**
 * The candidates that `name` was most likely meant to be, best first, at most three: those that differ in case or in
 * `-_.` only come before those of which it is the beginning, and those with a few other letters. Empty where nothing is close.
 */
export function suggestNames(name: string, candidates: Iterable<string>): string[] {
  if (name.length > longestCompared) return [];
  const wanted = bare(name);
  const limit = Math.min(5, Math.max(1, Math.floor(wanted.length / 3)));
  const close: { readonly candidate: string; readonly rank: number }[] = [];
  for (const candidate of wanted === "" ? [] : candidates) {
    const rank = candidate.toLowerCase() === name.toLowerCase() ? -1 : rankOf(wanted, bare(candidate), limit);
    if (rank <= limit) close.push({ candidate, rank });
  }
  close.sort((one, other) => one.rank - other.rank || (one.candidate < other.candidate ? -1 : 1));
  return close.slice(0, 3).map(({ candidate }) => candidate);
}

/** The best of `suggestNames`, if any. */
export function suggestName(name: string, candidates: Iterable<string>): string | undefined {
  return suggestNames(name, candidates)[0];
}

function bare(name: string): string {
  return name.replace(/[-_.]/g, "").toLowerCase();
}

/** The beginning of a name that is up to twice as long counts as one letter: it was perhaps cut short. */
function rankOf(wanted: string, other: string, limit: number): number {
  const more = other.length - wanted.length;
  if (wanted.length >= 3 && other.startsWith(wanted) && more <= wanted.length) return Math.min(1, more);
  return Math.abs(more) > limit ? Number.POSITIVE_INFINITY : editDistance(wanted, other);
}

/** Damerau-Levenshtein (optimal string alignment): insert, delete, replace, swap neighbours. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let distance = Math.min(
        at(previous, j) + 1,
        at(current, j - 1) + 1,
        at(previous, j - 1) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, at(before, j - 2) + 1);
      }
      current.push(distance);
    }
    before = previous;
    previous = current;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
