import type { GrpcCode } from "../../errors.ts";

/** What the simulated Octane answers a call with when it refuses it. Nothing has been changed when it is thrown. */
export class Status extends Error {
  override readonly name = "Status";
  readonly code: GrpcCode;

  constructor(code: GrpcCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** INVALID_ARGUMENT: the request is understood but cannot be meant. */
export function invalid(message: string): Status {
  return new Status("INVALID_ARGUMENT", message);
}

/** NOT_FOUND: a handle, name or index that nothing answers to. */
export function notFound(message: string): Status {
  return new Status("NOT_FOUND", message);
}
