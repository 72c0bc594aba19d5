/** Request messages on their way from a socket to the upstream, in order. */
export interface RequestQueue extends AsyncIterable<Uint8Array> {
  push(wire: Uint8Array): void;
  /** No more will come; what waits is still taken. */
  end(): void;
  /** True while as much waits as may: the socket is not to be read until `onDrain`. */
  readonly isFull: boolean;
}

const maxWaitingBytes = 1024 * 1024;
const maxWaitingMessages = 1024;

/** `onDrain` is called when the queue was full and is empty. The queue is read by one reader only. */
export function createRequestQueue(onDrain: () => void): RequestQueue {
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let wasFull = false;
  let hasEnded = false;
  let wake = (): void => {};

  const isFull = (): boolean => waitingBytes >= maxWaitingBytes || waiting.length >= maxWaitingMessages;

  async function* read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const wire = waiting.shift();
      if (wire !== undefined) {
        waitingBytes -= wire.length;
        yield wire;
        continue;
      }
      if (wasFull) {
        wasFull = false;
        onDrain();
      }
      if (hasEnded) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  const messages = read();
  return {
    get isFull() {
      return isFull();
    },
    push(wire) {
      waiting.push(wire);
      waitingBytes += wire.length;
      wasFull ||= isFull();
      wake();
    },
    end() {
      hasEnded = true;
      wake();
    },
    [Symbol.asyncIterator]: () => messages,
  };
}
