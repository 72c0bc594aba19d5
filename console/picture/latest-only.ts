/**
 * Sends values one after the other; of those that come while one is under way only the newest is kept, and it is always
 * sent. `onError` hears of what failed.
 */
export function createLatestOnly<T>(
  send: (value: T) => Promise<unknown>,
  onError: (error: unknown) => void,
): (value: T) => void {
  let waiting: { readonly value: T } | undefined;
  let isSending = false;

  async function drain(): Promise<void> {
    if (isSending) return;
    isSending = true;
    for (let next = waiting; next !== undefined; next = waiting) {
      waiting = undefined;
      await send(next.value).catch(onError);
    }
    isSending = false;
  }

  return (value) => {
    waiting = { value };
    void drain();
  };
}
