/** The `data` of each event of a body of Server-Sent Events, as https://html.spec.whatwg.org/#parsing-an-event-stream. */
export async function* readServerSentEvents(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const data: string[] = [];
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
        if (line !== "") takeField(line, data);
        else if (data.length > 0) yield data.splice(0).join("\n");
      }
      if (part !== "") pieces.push(part);
    }
  }
}

function takeField(line: string, data: string[]): void {
  if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
  else if (line === "data") data.push("");
}
