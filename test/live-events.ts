/** One event of a stream of Server-Sent Events. */
export interface LiveEvent {
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what they expect to be there
  readonly data: any;
}

export interface LiveEvents {
  next(): Promise<LiveEvent>;
  close(): void;
}

/** Listens to a route of Server-Sent Events with JSON; comments are skipped. Resolves once it is connected. */
export async function listen(url: string, headers: Record<string, string> = {}): Promise<LiveEvents> {
  const stop = new AbortController();
  const response = await fetch(url, {
    signal: stop.signal,
    headers: { accept: "text/event-stream", ...headers },
  });
  if (response.status !== 200 || response.body === null)
    throw new Error(`${response.status}: ${await response.text()}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const block = async (): Promise<string> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end >= 0) {
        const found = text.slice(0, end);
        text = text.slice(end + 2);
        return found;
      }
      const { value, done } = await reader.read();
      if (done) throw new Error("the stream of events ended");
      text += value;
    }
  };
  // The first comment: what happens from now on is heard.
  await block();
  return {
    async next() {
      for (;;) {
        const lines = (await block()).split("\n");
        const field = (name: string) =>
          lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        const data = field("data");
        if (data !== undefined) return { event: field("event") ?? "message", data: JSON.parse(data) };
      }
    },
    close: () => stop.abort(),
  };
}
