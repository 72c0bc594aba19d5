// Control characters, and the marks that reorder or break lines on a terminal: all could forge or hide log text.
const invisible = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** Text on one line with nothing invisible in it: escapes such as `\x1b` stand for what was there. */
export function toVisibleLine(text: string): string {
  return text.replace(invisible, escapeCharacter);
}

/** The same, but tabs and line feeds stay; CRLF becomes LF. */
export function toVisibleLines(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(invisible, (character) =>
      character === "\n" || character === "\t" ? character : escapeCharacter(character),
    );
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  if (character === "\n") return "\\n";
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}
