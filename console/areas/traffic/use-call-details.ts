import { useEffect, useState } from "preact/hooks";
import { getJson } from "../../api/proxy.ts";
import type { CallBodies, WholeCall } from "./call.ts";

export type CallDetails =
  | { readonly state: "loading" }
  | { readonly state: "failed"; readonly error: unknown }
  | { readonly state: "ready"; readonly call: WholeCall; readonly bodies: CallBodies };

/** Headers and bodies of one call, as long as the proxy keeps them. */
export function useCallDetails(sequence: number, startedAt: string | undefined): CallDetails {
  const [details, setDetails] = useState<CallDetails>({ state: "loading" });
  useEffect(() => {
    const leaving = new AbortController();
    setDetails({ state: "loading" });
    readDetails(sequence, startedAt, leaving.signal).then(
      (read) => setDetails(read),
      (error: unknown) => {
        if (!leaving.signal.aborted) setDetails({ state: "failed", error });
      },
    );
    return () => leaving.abort();
  }, [sequence, startedAt]);
  return details;
}

async function readDetails(
  sequence: number,
  startedAt: string | undefined,
  signal: AbortSignal,
): Promise<CallDetails> {
  const path = `/debug/calls/${sequence}`;
  const [call, bodies] = await Promise.all([
    getJson<WholeCall>(path, { signal }),
    getJson<CallBodies>(`${path}/bodies`, { signal }),
  ]);
  // A client may have chosen a number as its call id; and the proxy may have begun to count anew.
  if (call.sequence !== sequence || call.startedAt !== (startedAt ?? call.startedAt)) {
    throw new Error("the proxy no longer keeps this call");
  }
  return { state: "ready", call, bodies };
}
