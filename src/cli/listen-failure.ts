import { FailureError } from "./command.ts";

/** What a failed start looked for. */
export interface ListenTarget {
  readonly host: string;
  readonly port: number;
}

/** The failure to listen as advice on what to do; other errors as they are. */
export function explainListenFailure(error: unknown, { host, port }: ListenTarget): unknown {
  switch (systemCode(error)) {
    case "EADDRINUSE":
      return new FailureError(
        `port ${port} on ${host} is taken, perhaps by another octane-proxy: stop that program, ` +
          `take another port with --port ${port < 65000 ? port + 100 : port - 100}, or a free one with --port 0`,
      );
    case "EACCES":
      return new FailureError(
        `no right to listen on port ${port} of ${host}: take another port, such as --port 0 for a free one`,
      );
    case "EADDRNOTAVAIL":
      return new FailureError(
        `${host} is no address of this machine: give --host one that is, or leave it out`,
      );
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new FailureError(`the name ${host} does not resolve: give --host an address of this machine`);
    default:
      return error;
  }
}

/** The operating system's code, also when the error is wrapped, or only told in the message, in its own words or grpc-js's. */
function systemCode(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    const { code } = current as NodeJS.ErrnoException;
    if (typeof code === "string" && /^E[A-Z_]+$/.test(code)) return code;
    const told = /\b(EADDRINUSE|EACCES|EADDRNOTAVAIL|ENOTFOUND)\b/.exec(current.message)?.[1];
    if (told !== undefined) return told;
    if (current.message.startsWith("Name resolution failed for target ")) return "ENOTFOUND";
    current = current.cause;
  }
  return undefined;
}
