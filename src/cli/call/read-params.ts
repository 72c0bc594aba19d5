import { UsageError } from "../command.ts";

/** The request of a call, as the user wrote it. */
export interface Params {
  /** JSON of one message. */
  readonly text: string;
  /** For methods that take many: what `text` holds, or each line of standard input. */
  messages(): Iterable<unknown>;
}

/** Takes params from the operand, from standard input for `-`, and the empty message for none. @throws UsageError */
export async function readParams(
  operand: string | undefined,
  stdin: AsyncIterable<unknown>,
): Promise<Params> {
  if (operand !== "-") {
    const text = withoutMark(operand ?? "{}");
    const message = parse(text, "the params");
    return { text, messages: () => [message] };
  }
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  const text = withoutMark(Buffer.concat(chunks).toString("utf8"));
  if (text.trim() === "") return { text: "{}", messages: () => [] };
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (isWhole(text))
    return { text, messages: () => (lines.every(isWhole) ? lines.map(unchecked) : [unchecked(text)]) };
  const messages = lines.map((line, index) => parse(line, `line ${index + 1} of standard input`));
  // Not one message: only a method that takes many can be meant, and the proxy says so where it is not.
  return { text: lines[0] ?? "{}", messages: () => messages };
}

/** Editors and shells of Windows begin files with a byte order mark; the proxy forgives one in a body too. */
function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, "");
}

function isWhole(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // What is wrong with it is told by `parse`, which knows where the text comes from.
    return false;
  }
}

function unchecked(text: string): unknown {
  return JSON.parse(text);
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(
      `${what}: expected JSON such as '{"name":"value"}' (a shell needs quotes around it); ${message}`,
      {
        cause,
      },
    );
  }
}
