/** What one check found. */
export interface Finding {
  readonly status: "ok" | "failed" | "skipped";
  /** One line: what is so. */
  readonly text: string;
  /** What to do, most likely cause first. */
  readonly advice?: readonly string[];
}

/** A finding with the name of its check. */
export interface CheckResult extends Finding {
  /** Which Octane, where there are several. */
  readonly octane?: string;
  readonly check: string;
}

export function ok(text: string): Finding {
  return { status: "ok", text };
}

export function failed(text: string, ...advice: string[]): Finding {
  return { status: "failed", text, advice };
}

export function skipped(text: string): Finding {
  return { status: "skipped", text };
}
