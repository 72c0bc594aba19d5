import { ProxyError } from "../errors.ts";

/** The bound on viewers, which the hubs of several Octanes share. */
export interface ViewerPlaces {
  /** @throws ProxyError `limit_reached` where all are taken. */
  take(): void;
  leave(): void;
}

export function createViewerPlaces(maxViewers: number): ViewerPlaces {
  let taken = 0;
  return {
    take() {
      if (taken >= maxViewers) {
        throw new ProxyError(
          "limit_reached",
          `all ${maxViewers} places for viewers are taken; close one, or start octane-proxy with a larger --max-viewers`,
        );
      }
      taken++;
    },
    leave() {
      taken--;
    },
  };
}
