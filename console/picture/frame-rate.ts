const windowMs = 2_000;

/** Frames per second over the last two seconds. */
export interface FrameRate {
  count(nowMs: number): void;
  perSecond(nowMs: number): number;
}

export function createFrameRate(): FrameRate {
  const times: number[] = [];
  const forget = (nowMs: number) => {
    while (times.length > 0 && (times[0] ?? 0) <= nowMs - windowMs) times.shift();
  };
  return {
    count(nowMs) {
      forget(nowMs);
      times.push(nowMs);
    },
    perSecond(nowMs) {
      forget(nowMs);
      return (times.length * 1000) / windowMs;
    },
  };
}
