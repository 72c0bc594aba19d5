import type { Call } from "./call.ts";

export interface Har {
  readonly log: {
    readonly entries: readonly { readonly startedDateTime: string; readonly _callId?: string }[];
    readonly [name: string]: unknown;
  };
}

/** An archive of the given calls only, as far as the whole one has them. */
export function selectFromHar(har: Har, calls: readonly Call[]): Har {
  const wanted = new Set(calls.map(({ id, startedAt }) => `${id} ${startedAt}`));
  const entries = har.log.entries.filter(({ startedDateTime, _callId }) =>
    wanted.has(`${_callId} ${startedDateTime}`),
  );
  return { ...har, log: { ...har.log, entries } };
}
