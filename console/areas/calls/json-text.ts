export type JsonObject = { readonly [key: string]: unknown };

export type ParsedBody =
  | { readonly isValid: true; readonly value: JsonObject }
  | { readonly isValid: false; readonly error: string };

/** The request that a text is; nothing stands for the empty one. Integers beyond 2^53 become text, with all digits. */
export function parseBody(text: string): ParsedBody {
  if (text.trim() === "") return { isValid: true, value: {} };
  try {
    const value = parseKeepingDigits(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return { isValid: true, value: value as JsonObject };
    }
    return { isValid: false, error: "expected a JSON object, such as {}" };
  } catch (error) {
    return { isValid: false, error: error instanceof Error ? error.message : String(error) };
  }
}

/** @throws SyntaxError */
function parseKeepingDigits(text: string): unknown {
  const value: unknown = JSON.parse(text);
  let hasLong = false;
  // Texts are matched so that digits inside them stay as they are.
  const quoted = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) => {
    if (!/^-?\d+$/.test(token) || Number.isSafeInteger(Number(token))) return token;
    hasLong = true;
    return `"${token}"`;
  });
  return hasLong ? JSON.parse(quoted) : value;
}

export function formatBody(value: JsonObject): string {
  return JSON.stringify(value, null, 2);
}

/** A reply laid out to be read; a text that is no JSON stays as it is. */
export function layOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // A reply is shown as it came.
    return text;
  }
}
