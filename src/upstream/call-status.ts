import type { Metadata } from "../errors.ts";

/**
 * How a call ended. Origin `server`: in its own words; `cut`: the connection or the stream ended without a word from it;
 * `transport`: decided on this side, such as at the deadline or for a reply that is no gRPC.
 */
export interface CallStatus {
  /** gRPC's number, or whatever number the server gave. */
  readonly code: number;
  readonly details: string;
  /** The trailers without the status itself. */
  readonly metadata: Metadata;
  readonly origin: "server" | "cut" | "transport";
}
