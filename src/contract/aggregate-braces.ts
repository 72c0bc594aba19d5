const token =
  /\/\/[^\n]*|\/\*.*?(?:\*\/|$)|"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'|[^\s"'/={}<>]+|\S/gs;
const braces: ReadonlyMap<string, string> = new Map([
  ["<", "{"],
  [">", "}"],
]);

/**
 * Source text with braces for the angle brackets that the text format allows around a message in an option's
 * value (`option (o) = { a < b: 1 > }`): protobufjs reads only braces there. Lines and columns stay as they are.
 */
export function braceAggregates(text: string): string {
  if (!text.includes("<") || !/=\s*[{/]/.test(text)) return text;
  let depth = 0;
  let previous = "";
  return text.replace(token, (found) => {
    if (/^\/[/*]/.test(found)) return found;
    const isInside = depth > 0;
    const brace = isInside ? (braces.get(found) ?? found) : found;
    if (brace === "{" && (isInside || previous === "=")) depth++;
    if (brace === "}" && isInside) depth--;
    previous = found;
    return brace;
  });
}
