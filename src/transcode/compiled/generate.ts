/** True where the engine permits code from text: not under `--disallow-code-generation-from-strings`. */
export function canGenerateCode(): boolean {
  try {
    return new Function("return true")() === true;
  } catch {
    // the engine has no other way to say that it is forbidden
    return false;
  }
}

/**
 * Makes a function of a source text that consists of our own words and whole numbers only: everything that comes from a
 * contract is in `constants`, whose names the source may use.
 */
export function generate<T>(source: string, constants: Readonly<Record<string, unknown>>): T {
  const names = Object.keys(constants);
  return new Function(...names, `"use strict";\n${source}`)(...Object.values(constants)) as T;
}
