import { ProxyError } from "../errors.ts";
import { suggestNames } from "../suggest-name.ts";
import type { Route, UpgradeRoute } from "./route.ts";
import { createRouter, type Router } from "./router.ts";

/** What one Octane answers, and the proxy's own routes beside it. */
export interface OctaneMount {
  /** The Octane's. */
  readonly name: string;
  /** In the order of precedence where several share method and path. */
  readonly routes: readonly Route[];
  readonly upgrades?: readonly UpgradeRoute[];
}

/** A set of routes under its prefix. */
export interface Mount {
  readonly octane: string;
  /** Empty at the root, else `/octanes/NAME`. */
  readonly prefix: string;
  readonly router: Router<Route>;
  readonly upgrades: Router<UpgradeRoute>;
}

/** Where a path leads: a mount, and the segments behind its prefix. */
export interface Place {
  readonly mount: Mount;
  readonly segments: readonly string[];
}

export interface Mounts {
  /** Undefined under the name of no Octane. */
  find(segments: readonly string[]): Place | undefined;
  /** For a path that leads nowhere, because of the name in it. */
  explainMiss(segments: readonly string[]): ProxyError;
}

const firstSegment = "octanes";

export function octanePrefix(name: string): string {
  return `/${firstSegment}/${name}`;
}

/** Each set of routes under `/octanes/NAME`, the first at the root too. */
export function createMounts(octanes: readonly OctaneMount[]): Mounts {
  const mounts = octanes.map(
    ({ name, routes, upgrades = [] }): Mount => ({
      octane: name,
      prefix: octanePrefix(name),
      router: createRouter(routes),
      upgrades: createRouter(upgrades),
    }),
  );
  const [first] = mounts;
  if (first === undefined) throw new Error("a proxy needs the routes of at least one Octane");
  const byName = new Map(mounts.map((mount) => [mount.octane, mount]));
  const root = { ...first, prefix: "" };
  return {
    find(segments) {
      const [start, name] = segments;
      if (start !== firstSegment || name === undefined) return { mount: root, segments };
      const mount = byName.get(name);
      if (mount === undefined) return undefined;
      const rest = segments.slice(2);
      return { mount, segments: rest.length === 1 && rest[0] === "" ? [] : rest };
    },
    explainMiss([, name = ""]) {
      const [closest] = suggestNames(name, byName.keys());
      const advice =
        closest === undefined ? `there are ${quoted([...byName.keys()])}` : `did you mean "${closest}"?`;
      const shown = JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}…` : name);
      return new ProxyError("unknown_octane", `no Octane of this proxy is called ${shown}; ${advice}`);
    },
  };
}

const mostListed = 10;

function quoted(names: readonly string[]): string {
  const listed = names.slice(0, mostListed).map((name) => `"${name}"`);
  return `${listed.join(", ")}${names.length > mostListed ? " and more: see GET /octanes" : ""}`;
}
