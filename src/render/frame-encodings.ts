/** What an encoder made of a frame. */
export interface Encoded {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Takes the memory back into a pool; called once, when the last holder has released it. */
  readonly free?: () => void;
}

/** One holder's share of an encoding: `bytes` may be read until `release`, which is idempotent. */
export interface EncodedShare {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  release(): void;
}

/**
 * The encodings of one frame, each made at most once and only when somebody asks. They live as long as the
 * frame is the newest or somebody still holds a share.
 */
export interface FrameEncodings {
  /** Rejects as `make` does, for everybody who waits; a failed encoding is tried again when asked for again. */
  share(key: string, make: () => Promise<Encoded>): Promise<EncodedShare>;
  /** Drops the frame's own hold on every encoding. Idempotent; `share` still works, unshared. */
  dispose(): void;
}

interface Entry {
  holders: number;
  readonly made: Promise<Encoded>;
}

export function createFrameEncodings(): FrameEncodings {
  const entries = new Map<string, Entry>();
  let isDisposed = false;

  const letGo = (entry: Entry) => {
    entry.holders--;
    if (entry.holders > 0) return;
    entry.made.then(
      (encoded) => encoded.free?.(),
      () => {
        // Those who waited were told; there is nothing to free.
      },
    );
  };

  const createEntry = (key: string, make: () => Promise<Encoded>): Entry => {
    const entry: Entry = { holders: isDisposed ? 0 : 1, made: make() };
    if (isDisposed) return entry;
    entries.set(key, entry);
    entry.made.catch(() => {
      if (entries.get(key) === entry) entries.delete(key);
    });
    return entry;
  };

  return {
    async share(key, make) {
      const entry = entries.get(key) ?? createEntry(key, make);
      entry.holders++;
      const { bytes, width, height } = await entry.made;
      let isHeld = true;
      return {
        bytes,
        width,
        height,
        release() {
          if (!isHeld) return;
          isHeld = false;
          letGo(entry);
        },
      };
    },
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      for (const entry of entries.values()) letGo(entry);
      entries.clear();
    },
  };
}
