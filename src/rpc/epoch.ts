import { randomBytes } from "node:crypto";
import { ProxyError } from "../errors.ts";
import type { Upstream } from "../upstream/upstream.ts";

/** Request and reply header that names an epoch. */
export const epochHeader = "x-octane-epoch";

/**
 * Names each connection to one Octane: its handles die with its process, and a new connection may be another process. (It need
 * not be: a lost connection is not always a restart.)
 */
export interface Epochs {
  /** Of the newest connection, also after it was lost; undefined before the first. Differs between proxies and Octanes. */
  readonly current: string | undefined;
  /** The connection that an epoch is. @throws ProxyError `stale_epoch` for any other than the current. */
  require(epoch: string): number;
}

export function createEpochs(upstream: Pick<Upstream, "connectionCount">): Epochs {
  const prefix = randomBytes(4).toString("hex");
  let connection = 0;
  let name: string | undefined;
  const current = (): string | undefined => {
    if (upstream.connectionCount !== connection) {
      connection = upstream.connectionCount;
      name = `${prefix}-${connection}`;
    }
    return name;
  };
  return {
    get current() {
      return current();
    },
    require(epoch) {
      if (epoch === current()) return upstream.connectionCount;
      throw staleEpoch(epoch, current());
    },
  };
}

/** Nothing was sent upstream. */
function staleEpoch(named: string, current: string | undefined): ProxyError {
  const now = current === undefined ? "Octane has not answered yet" : `this is epoch "${current}"`;
  return new ProxyError(
    "stale_epoch",
    `the request names epoch ${JSON.stringify(named.slice(0, 60))}, but ${now}: handles from then may belong to other objects; read the scene again`,
  );
}
