import type { ServerSentEvent } from "../../src/client/server-sent-events.ts";
import { client, needsToken, openEvents } from "./proxy.ts";

export interface EventListener {
  readonly onEvent: (event: ServerSentEvent) => void;
  /** `true` when a connection stands, `false` when it is lost. */
  readonly onConnected?: (isConnected: boolean) => void;
  /** A refusal that trying again would not mend. */
  readonly onRefused?: (error: unknown) => void;
}

const retryMs = 1_000;

/** Reads a stream of events until the returned function is called; a lost connection is made again. */
export function keepReading(path: string, { onEvent, onConnected, onRefused }: EventListener): () => void {
  const stopping = new AbortController();
  void read();
  return () => stopping.abort();

  async function read(): Promise<void> {
    while (!stopping.signal.aborted) {
      const asked = client.peek();
      try {
        const events = await openEvents(path, stopping.signal);
        onConnected?.(true);
        for await (const event of events) onEvent(event);
        onConnected?.(false);
      } catch (error) {
        if (stopping.signal.aborted) return;
        onConnected?.(false);
        const status = (error as { readonly status?: number }).status;
        if (status === 401) await tokenChange(asked, stopping.signal);
        else if (status !== undefined && status < 500 && status !== 429) {
          onRefused?.(error);
          return;
        }
      }
      await pause(stopping.signal);
    }
  }
}

/** Resolves when there is another client than the one that was refused, perhaps already. */
function tokenChange(before: typeof client.value, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = client.subscribe((now) => {
      if (now !== before && !needsToken.peek()) resolve();
    });
    signal.addEventListener("abort", () => resolve(), { once: true });
    signal.addEventListener("abort", stop, { once: true });
  });
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, retryMs);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
