import { signal } from "@preact/signals";
import { type Destination, formatPlace, type Place, parsePlace } from "./place.ts";

/** Where the console is; follows the address once `startRouter` was called. */
export const route = signal<Place>(parsePlace(""));

/** Follows the address for as long as the page lives. */
export function startRouter(): void {
  const read = () => {
    route.value = parsePlace(location.hash);
  };
  addEventListener("hashchange", read);
  read();
}

/** Goes there; Back leads back. */
export function navigate(to: Destination): void {
  location.hash = formatPlace(to);
}

/** Changes parameters of the present place, without a step in the history; `undefined` takes one away. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const { area, path, query } = route.value;
  const next = formatPlace({ area, path, query: { ...query, ...changes } });
  history.replaceState(null, "", next);
  route.value = parsePlace(next);
}
