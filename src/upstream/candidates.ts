import { lookup } from "node:dns/promises";

/** The port that Octane's LiveLink listens on unless told otherwise. */
export const defaultOctanePort = 51022;

/** Where Docker Desktop shows a container the machine it runs on. */
const containerHost = "host.docker.internal";

export interface UpstreamAddress {
  /** Without brackets: `127.0.0.1`, `::1`, `render.example`. */
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `host:port`, `host`, `[::1]:port` or `::1`; a missing port is 51022.
 * @throws TypeError saying what was expected and what came.
 */
export function parseAddress(text: string): UpstreamAddress {
  const expected = `expected "host:port" of Octane, such as "127.0.0.1:${defaultOctanePort}" or "[::1]:${defaultOctanePort}"`;
  const fail = (what: string): never => {
    throw new TypeError(`${expected}, but ${what} in ${JSON.stringify(text)}`);
  };
  const trimmed = text.trim();
  if (trimmed.includes("://")) fail("there is a scheme (leave out the part up to `//`)");
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(trimmed);
  const isBareIpv6 = bracketed === null && trimmed.split(":").length > 2;
  const colon = trimmed.lastIndexOf(":");
  let host = trimmed;
  let portText: string | undefined;
  if (bracketed !== null) {
    host = bracketed[1] ?? "";
    portText = bracketed[2];
  } else if (!isBareIpv6 && colon >= 0) {
    host = trimmed.slice(0, colon);
    portText = trimmed.slice(colon + 1);
  }
  const isIpv6 = bracketed !== null || isBareIpv6;
  if (isIpv6 ? !/^[0-9a-f:.]+$/i.test(host) : !/^[\w.-]+$/.test(host)) {
    fail(host === "" ? "the host is missing" : "the host is no name or address");
  }
  if (portText === undefined) return { host, port: defaultOctanePort };
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : Number.NaN;
  if (!(port >= 1 && port <= 65535)) fail("the port is no number from 1 to 65535");
  return { host, port };
}

/** `host:port`, with brackets around an IPv6 address. */
export function formatAddress({ host, port }: UpstreamAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** True for this machine: `localhost`, 127.0.0.0/8, `::1`. */
export function isLoopback(host: string): boolean {
  return host.toLowerCase() === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** True where trying often bothers nobody: this machine, or the one a container runs on. */
export function isNearby(host: string): boolean {
  return isLoopback(host) || host === containerHost;
}

export interface CandidateFacts {
  /** `--octane`, where given: then it is the only candidate. */
  readonly octane?: string | undefined;
  /** From `/.dockerenv` or `SANDBOX_USE_HOST_NETWORK=true`, found out by the caller. */
  readonly inContainer: boolean;
  /** For tests. Default: the system's resolver, given one second. */
  readonly resolves?: (host: string) => Promise<boolean>;
}

/**
 * Addresses to try for Octane, best first, as `host:port`.
 * @throws TypeError when `octane` is no address.
 */
export async function findCandidates(facts: CandidateFacts): Promise<readonly string[]> {
  if (facts.octane !== undefined) return [formatAddress(parseAddress(facts.octane))];
  const candidates = [`127.0.0.1:${defaultOctanePort}`];
  if (facts.inContainer && (await (facts.resolves ?? resolvesSoon)(containerHost))) {
    candidates.push(`${containerHost}:${defaultOctanePort}`);
  }
  return candidates;
}

/** A resolver that takes longer than this has no useful answer, and start-up must not hang on it. */
const resolveTimeoutMs = 1000;

async function resolvesSoon(host: string): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), resolveTimeoutMs);
  });
  const found = lookup(host).then(
    () => true,
    // A name that does not resolve is the ordinary case outside Docker Desktop.
    () => false,
  );
  try {
    return await Promise.race([found, late]);
  } finally {
    clearTimeout(timer);
  }
}
