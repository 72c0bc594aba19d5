export interface EditQueue<Edit> {
  /** Sends the edit, or keeps it in place of a waiting one of the same key until the one under way has ended. */
  put(key: string, edit: Edit): void;
  /** Whether an edit of the key waits or is under way. */
  isBusy(key: string): boolean;
}

export interface EditQueueInit<Edit> {
  readonly send: (edit: Edit) => Promise<void>;
  /** An edit that was refused; one that has waited behind it is sent all the same. */
  readonly onRefused: (key: string, edit: Edit, error: unknown, isLast: boolean) => void;
  readonly onDone: (key: string, edit: Edit) => void;
}

/** Of each key one edit is under way; while it is, the latest wins, and the last is always sent. */
export function createEditQueue<Edit>({ send, onRefused, onDone }: EditQueueInit<Edit>): EditQueue<Edit> {
  const waiting = new Map<string, Edit>();
  const busy = new Set<string>();

  async function work(key: string): Promise<void> {
    busy.add(key);
    for (let edit = take(key); edit !== undefined; edit = take(key)) {
      try {
        await send(edit.edit);
        onDone(key, edit.edit);
      } catch (error) {
        onRefused(key, edit.edit, error, !waiting.has(key));
      }
    }
    busy.delete(key);
  }

  function take(key: string): { readonly edit: Edit } | undefined {
    if (!waiting.has(key)) return undefined;
    const edit = waiting.get(key) as Edit;
    waiting.delete(key);
    return { edit };
  }

  return {
    put(key, edit) {
      waiting.set(key, edit);
      if (!busy.has(key)) void work(key);
    },
    isBusy: (key) => busy.has(key),
  };
}
