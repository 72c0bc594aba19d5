import type { RenderImage } from "./render-engine.ts";

/**
 * Lets images out at most `fps` times a second: the newest that waits goes out when its time comes. The first image after
 * a change goes out at once, also at most `fps` times a second.
 */
export interface ImageOutlet {
  fps: number;
  /** True where an image offered now would go out at once. */
  readonly isDue: boolean;
  readonly isWaiting: boolean;
  offer(image: RenderImage, isFirst?: boolean): void;
  /** Drops what waits; no timer is left. */
  clear(): void;
}

/** Node takes anything longer for one millisecond. */
const maxDelayMs = 2 ** 31 - 1;

export function createImageOutlet(
  fps: number,
  emit: (image: RenderImage) => void,
  nowMs = () => performance.now(),
): ImageOutlet {
  let limit = fps;
  let waiting: RenderImage | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  let lastFirstMs = Number.NEGATIVE_INFINITY;

  const waitMs = (since = lastMs): number => (limit > 0 ? since + 1000 / limit - nowMs() : Infinity);

  const clear = (): void => {
    clearTimeout(timer);
    timer = undefined;
    waiting = undefined;
  };

  const release = (image: RenderImage): void => {
    clear();
    lastMs = nowMs();
    emit(image);
  };

  return {
    get fps() {
      return limit;
    },
    set fps(value) {
      limit = value;
      const held = waiting;
      clear();
      if (held !== undefined) this.offer(held);
    },
    get isDue() {
      return waitMs() <= 0;
    },
    get isWaiting() {
      return timer !== undefined;
    },
    offer(image, isFirst = false) {
      const wait = isFirst ? waitMs(lastFirstMs) : waitMs();
      if (isFirst && wait <= 0) lastFirstMs = nowMs();
      if (wait <= 0) {
        release(image);
        return;
      }
      waiting = image;
      if (wait === Infinity || timer !== undefined) return;
      timer = setTimeout(
        () => {
          if (waiting !== undefined) release(waiting);
        },
        Math.min(wait, maxDelayMs),
      );
    },
    clear,
  };
}
