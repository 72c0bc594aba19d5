import { lookup } from "node:dns/promises";
import { connect, isIP } from "node:net";
import { formatAddress, isLoopback, type UpstreamAddress } from "../../upstream/candidates.ts";
import { type Finding, failed, ok } from "./check.ts";

const connectTimeoutMs = 3000;
const containerHost = "host.docker.internal";

/** What the way to Octane looked like from inside a container. */
export interface ContainerView {
  readonly inContainer: boolean;
  /** `--octane` or its like was given. */
  readonly isAddressGiven: boolean;
  /** `host:port` that accepts connections. */
  readonly reached: string | undefined;
}

/** Whether the program runs in a container, and from there sees the machine around it. */
export async function checkContainer(view: ContainerView): Promise<Finding> {
  if (!view.inContainer) return ok("not in a container");
  if (view.reached !== undefined) return ok(`in a container, and ${view.reached} can be reached from it`);
  const found = await resolveName(containerHost);
  if (found.length > 0) return ok(`in a container; ${containerHost} is ${found.join(", ")}`);
  if (view.isAddressGiven)
    return ok(`in a container; ${containerHost} does not resolve, but an address is given`);
  return failed(
    `in a container that does not know ${containerHost}, so it cannot see an Octane outside`,
    `start the container with --add-host=${containerHost}:host-gateway`,
    "or with --network host",
    "or name Octane's address: --octane HOST:PORT",
  );
}

/** Whether the name of the host means an address. */
export async function checkName({ host }: UpstreamAddress): Promise<Finding> {
  if (isIP(host) !== 0) return ok(`${host} is an address, no name to resolve`);
  const found = await resolveName(host);
  if (found.length > 0) return ok(`${host} is ${found.join(", ")}`);
  return failed(
    `the name ${host} does not resolve`,
    "look at the spelling of --octane (or OCTANE_HOST)",
    "try the machine's IP address instead of its name",
  );
}

/** Whether something listens there. */
export async function checkPort(address: UpstreamAddress): Promise<Finding> {
  const place = formatAddress(address);
  const code = await tryConnect(address);
  if (code === undefined) return ok(`${place} accepts connections`);
  const advice = [
    "start Octane, and in it switch on Help → LiveLink",
    `see that LiveLink shows port ${address.port}; if it is another, give --octane ${address.host}:PORT`,
    ...(isLoopback(address.host)
      ? ["if Octane runs on another machine, give --octane HOST:PORT"]
      : [
          `let port ${address.port} through the firewall of the machine Octane runs on`,
          "see whether Octane listens on that machine's network address and not on 127.0.0.1 only",
        ]),
    "without Octane: octane-proxy --simulator",
  ];
  if (code === "ECONNREFUSED") return failed(`nothing listens on ${place}`, ...advice);
  if (code === "ETIMEDOUT")
    return failed(`no answer from ${place} within ${connectTimeoutMs / 1000} s`, ...advice);
  return failed(`cannot connect to ${place}: ${code}`, ...advice);
}

async function resolveName(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    // no address is the answer; the finding says so
    return [];
  }
}

/** The error code of a TCP connection, undefined when it was made. */
function tryConnect({ host, port }: UpstreamAddress): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectTimeoutMs });
    const finish = (code: string | undefined) => {
      socket.destroy();
      resolve(code);
    };
    socket.once("connect", () => finish(undefined));
    socket.once("timeout", () => finish("ETIMEDOUT"));
    socket.once("error", (error: NodeJS.ErrnoException) => finish(firstCode(error)));
  });
}

/** A name with several addresses fails with one error holding the others. */
function firstCode(error: NodeJS.ErrnoException): string {
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  return (inner as NodeJS.ErrnoException | undefined)?.code ?? error.code ?? error.message;
}
