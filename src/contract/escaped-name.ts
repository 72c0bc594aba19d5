/** protobufjs keeps members in plain objects and drops `__proto__`, so that name travels under another one. */
const escaped = "octaneproxyEscapedProto__";

/** Source text that protobufjs reads without losing a name. Lines stay as they are. */
export function escapeNames(text: string): string {
  return text.includes("__proto__") ? text.replace(/\b__proto__\b/g, escaped) : text;
}

/** The text with its names as the `.proto` file has them. */
export function unescapeNames(text: string): string {
  return text.includes(escaped) ? text.replaceAll(escaped, "__proto__") : text;
}
