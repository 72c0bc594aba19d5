import { useEffect, useState } from "preact/hooks";
import { epoch, linkState } from "../../api/health.ts";
import { getJson } from "../../api/proxy.ts";

/** The JSON of a route: now, at every new connection to Octane, and every `everyMs`. The last one stays. */
export function usePolled<T>(
  path: string,
  everyMs: number,
): { readonly value: T | undefined; readonly error: unknown } {
  const [state, setState] = useState<{ readonly value: T | undefined; readonly error: unknown }>({
    value: undefined,
    error: undefined,
  });
  const connection = `${linkState.value === "locked"} ${epoch.value}`;
  useEffect(() => {
    const ask = () => {
      if (document.hidden || linkState.peek() === "locked") return;
      getJson<T>(path).then(
        (value) => setState({ value, error: undefined }),
        (error: unknown) => setState(({ value }) => ({ value, error })),
      );
    };
    ask();
    const timer = setInterval(ask, everyMs);
    return () => clearInterval(timer);
  }, [path, everyMs, connection]);
  return state;
}
