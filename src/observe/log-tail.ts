/** The last lines of the log as JSON texts, oldest first; bounded in number and size. */
export interface LogTail {
  /** One line, with or without its line break. */
  add(line: string): void;
  /** At most `count` of the newest. */
  lines(count: number): readonly string[];
  /** Called with each new line; returns the way to stop. */
  onLine(listener: (line: string) => void): () => void;
}

export interface LogTailOptions {
  /** Default 1000. */
  readonly maxLines?: number;
  /** Of all lines together. Default 4 Mi. */
  readonly maxCharacters?: number;
}

export function createLogTail(options: LogTailOptions = {}): LogTail {
  const { maxLines = 1_000, maxCharacters = 4 * 1024 * 1024 } = options;
  const kept: string[] = [];
  const listeners = new Set<(line: string) => void>();
  /** Where the oldest kept line stands: what lies before it is cleared now and then. */
  let start = 0;
  let characters = 0;

  const forgetOldest = (): void => {
    characters -= kept[start]?.length ?? 0;
    kept[start] = "";
    start++;
    if (start < maxLines) return;
    kept.splice(0, start);
    start = 0;
  };
  return {
    add(line) {
      const text = line.trimEnd();
      if (text.length > maxCharacters) return;
      kept.push(text);
      characters += text.length;
      while (kept.length - start > maxLines || characters > maxCharacters) forgetOldest();
      for (const listener of listeners) listener(text);
    },
    lines(count) {
      return kept.slice(Math.max(start, kept.length - count));
    },
    onLine(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
