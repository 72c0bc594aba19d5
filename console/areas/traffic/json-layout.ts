export type TokenKind = "key" | "text" | "number" | "word" | "plain";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const indent = "  ";
const tokenPattern = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * JSON laid out over lines, in tokens to be coloured. Values stay as they were written: parsing would round 64-bit
 * numbers. A text that was cut is laid out up to its end. Undefined for what is no JSON object or array.
 */
export function layOutJson(text: string): readonly Token[] | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  const found = text.match(tokenPattern) ?? [];
  const tokens: Token[] = [];
  let depth = 0;
  const newLine = () => tokens.push({ kind: "plain", text: `\n${indent.repeat(Math.max(0, depth))}` });
  for (const [index, token] of found.entries()) {
    const previous = found[index - 1];
    const next = found[index + 1];
    if (token === "}" || token === "]") {
      depth--;
      if (previous !== "{" && previous !== "[") newLine();
      tokens.push({ kind: "plain", text: token });
    } else {
      tokens.push({ kind: kindOf(token, next), text: token });
      if (token === "{" || token === "[") {
        depth++;
        if (next !== "}" && next !== "]") newLine();
      } else if (token === ",") newLine();
      else if (token === ":") tokens.push({ kind: "plain", text: " " });
    }
  }
  return tokens;
}

function kindOf(token: string, next: string | undefined): TokenKind {
  if (token.startsWith('"')) return next === ":" ? "key" : "text";
  if (/^-?\d/.test(token)) return "number";
  return /^[a-z]/i.test(token) ? "word" : "plain";
}
