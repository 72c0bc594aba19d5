import type { FrameFormat } from "./frame-message.ts";

/** How frames are to come; may be changed while they do. */
export interface FrameSettings {
  /** `auto`: small while things move, best at rest. Default auto. */
  readonly format?: "auto" | FrameFormat | undefined;
  /** 1 to 100. */
  readonly quality?: number | undefined;
  readonly width?: number | null | undefined;
  /** Frames per second, at most. */
  readonly fps?: number | null | undefined;
  /** A render pass by name or number. */
  readonly pass?: string | number | null | undefined;
  readonly minSamples?: number | null | undefined;
  /** With `auto`: frames at rest are PNG. */
  readonly lossless?: boolean | undefined;
}

/** Settings that outlive their connection. One that the proxy refused is not among them: it would break the next. */
export interface KeptSettings {
  /** What a connection begins with. */
  query(): { readonly [name: string]: unknown };
  /** To be called for each message that asks for changes, sent or not. */
  ask(changes: FrameSettings): void;
  /** What a new connection has to be asked for, each by itself: one that is refused must not take others along. */
  askAgain(): readonly FrameSettings[];
  /** Takes note of the proxy's answers, which are among its text messages. */
  hear(message: { readonly [name: string]: unknown }): void;
}

export function keepSettings(first: FrameSettings): KeptSettings {
  let accepted: object = first;
  let asked: FrameSettings = {};
  let unanswered = 0;
  return {
    query: () => Object.fromEntries(Object.entries(accepted).filter(([, value]) => value !== null)),
    ask(changes) {
      asked = { ...asked, ...changes };
      unanswered++;
    },
    askAgain() {
      const changes = Object.entries(asked).map(([name, value]) => ({ [name]: value }));
      unanswered = changes.length;
      return changes;
    },
    hear({ type, options, reason, field }) {
      if (type === "options") accepted = options as object;
      else if (type !== "error" || reason !== "invalid_field" || !Object.hasOwn(asked, String(field))) return;
      // Answers may overtake one another, so only the last one tells that all were given.
      if (--unanswered <= 0) asked = {};
    },
  };
}
