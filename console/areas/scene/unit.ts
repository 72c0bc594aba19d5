const symbols: ReadonlyMap<string, string> = new Map([
  ["metres", "m"],
  ["meters", "m"],
  ["centimetres", "cm"],
  ["centimeters", "cm"],
  ["millimetres", "mm"],
  ["millimeters", "mm"],
  ["degrees", "°"],
  ["pixels", "px"],
  ["seconds", "s"],
  ["hours", "h"],
  ["kelvin", "K"],
  ["percent", "%"],
]);

/** Octane tells units only in words, in the description of a pin: "Radius of the edges in metres." */
export function unitOf(description: string): string | undefined {
  const words = [...description.matchAll(/\bin (\w+)\b/gi)].map(([, word]) => String(word).toLowerCase());
  return words.map((word) => symbols.get(word)).find((symbol) => symbol !== undefined);
}
