const mostDifferences = 3;

/** The known path that a mistyped one most likely meant; undefined when none is near. Letter case does not count. */
export function suggestPath(path: string, known: readonly string[]): string | undefined {
  const wanted = path.slice(0, 100).toLowerCase();
  let best: string | undefined;
  let fewest = mostDifferences + 1;
  for (const candidate of known) {
    const differences = countDifferences(wanted, candidate.toLowerCase());
    if (differences < fewest) {
      best = candidate;
      fewest = differences;
    }
  }
  return best;
}

/** Levenshtein distance. */
function countDifferences(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
