/** An option that start-up cannot accept: names the option, what was given and what would be accepted. */
export class OptionError extends Error {
  override readonly name = "OptionError";
  /** Name as in `ProxyOptions` (`maxBodyBytes`, `octaneTls.ca`). */
  readonly option: string;
  /** The value as the user wrote it, quoted; `(hidden)` for a secret. */
  readonly given: string;
  /** What would be accepted, and where it helps what to do. */
  readonly accepted: string;

  constructor(option: string, given: unknown, accepted: string) {
    const shown = showGiven(given);
    super(`option ${option}: got ${shown}; expected ${accepted}`);
    this.option = option;
    this.given = shown;
    this.accepted = accepted;
  }
}

/** Stands for the value of a secret in messages. */
export const hiddenValue = Symbol("(hidden)");

/** A value in quotes for a message, cut to 200 characters. */
export function showGiven(given: unknown): string {
  if (given === hiddenValue) return "a value that is not shown";
  const text = typeof given === "bigint" ? String(given) : (JSON.stringify(given) ?? String(given));
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
