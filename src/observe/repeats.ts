import type { LogLevel } from "./logger.ts";

export interface RepeatSummary {
  readonly level: Exclude<LogLevel, "silent">;
  readonly area: string | undefined;
  readonly message: string;
  /** How often it came after the first time. */
  readonly count: number;
}

export interface Repeats {
  /** True when the line should be written now; false when it repeats one of the last moments. */
  admit(level: RepeatSummary["level"], area: string | undefined, message: string): boolean;
  /** Summarises what is still held back. */
  flush(): void;
}

interface Held {
  readonly summary: Omit<RepeatSummary, "count">;
  readonly untilMs: number;
  count: number;
}

/**
 * Holds back lines that say the same again within `windowMs` and summarises them when the window ends. Remembers
 * at most `capacity` different lines; past that the oldest is summarised early.
 */
export function createRepeats(
  summarise: (summary: RepeatSummary) => void,
  { windowMs = 10_000, capacity = 256, now = () => performance.now() } = {},
): Repeats {
  // In the order of their ends, because every window is equally long.
  const held = new Map<string, Held>();
  let timer: NodeJS.Timeout | undefined;

  const release = (key: string, entry: Held) => {
    held.delete(key);
    if (entry.count > 0) summarise({ ...entry.summary, count: entry.count });
  };
  const expire = () => {
    timer = undefined;
    for (const [key, entry] of held) {
      if (entry.untilMs > now()) break;
      release(key, entry);
    }
    schedule();
  };
  const schedule = () => {
    const [oldest] = held.values();
    if (timer !== undefined || oldest === undefined) return;
    timer = setTimeout(expire, Math.max(1, oldest.untilMs - now()));
    timer.unref();
  };
  return {
    admit(level, area, message) {
      const key = `${level} ${area ?? ""} ${message}`;
      const known = held.get(key);
      if (known !== undefined && known.untilMs > now()) {
        known.count += 1;
        return false;
      }
      if (known !== undefined) release(key, known);
      const [oldest] = held;
      if (held.size >= capacity && oldest !== undefined) release(...oldest);
      held.set(key, { summary: { level, area, message }, untilMs: now() + windowMs, count: 0 });
      schedule();
      return true;
    },
    flush() {
      clearTimeout(timer);
      timer = undefined;
      for (const [key, entry] of held) release(key, entry);
    },
  };
}
