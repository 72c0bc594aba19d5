export interface ServerSentEvent {
  /** `message` where the event names none. */
  readonly name: string;
  readonly data: string;
}

/** The events of a body of Server-Sent Events, as https://html.spec.whatwg.org/#parsing-an-event-stream. */
export async function* readServerSentEvents(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const event: EventInProgress = { name: "", data: [] };
  // Pieces of a line that is not complete: a frame comes in thousands.
  let pieces: string[] = [];
  let endedWithReturn = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    let text = decoder.decode(value, { stream: true });
    if (endedWithReturn && text.startsWith("\n")) text = text.slice(1);
    endedWithReturn = text.endsWith("\r");
    const parts = text.split(/\r\n|\n|\r/);
    for (const [index, part] of parts.entries()) {
      if (index > 0) {
        const line = pieces.join("");
        pieces = [];
        const ended = takeLine(line, event);
        if (ended !== undefined) yield ended;
      }
      if (part !== "") pieces.push(part);
    }
  }
}

interface EventInProgress {
  name: string;
  readonly data: string[];
}

/** An empty line ends the event; one without data is none. */
function takeLine(line: string, event: EventInProgress): ServerSentEvent | undefined {
  if (line !== "") {
    takeField(line, event);
    return undefined;
  }
  const name = event.name || "message";
  const hasData = event.data.length > 0;
  const data = event.data.splice(0).join("\n");
  event.name = "";
  return hasData ? { name, data } : undefined;
}

function takeField(line: string, event: EventInProgress): void {
  const colon = line.indexOf(":");
  const field = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
  if (field === "data") event.data.push(value);
  else if (field === "event") event.name = value;
}
