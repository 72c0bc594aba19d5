import * as grpc from "@grpc/grpc-js";
import { unknownPath } from "../channel.ts";
import type { WireCall } from "./call.ts";
import { isFromLibrary } from "./status.ts";

/**
 * Whether anything answers on a channel within the time. The heartbeat has connections of its own, so it cannot tell of a
 * channel whose HTTP/2 session has died without its socket's end (as node's does after a malformed frame).
 */
export function answersCalls(channel: grpc.Channel, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const call: WireCall = channel.createCall(unknownPath, Date.now() + timeoutMs, null, null, null);
    call.start(new grpc.Metadata(), {
      onReceiveMetadata: () => resolve(true),
      onReceiveMessage: () => undefined,
      onReceiveStatus: (status) =>
        resolve(!isFromLibrary(status) || status.code === grpc.status.UNIMPLEMENTED),
    });
    call.sendMessageWithContext({}, Buffer.alloc(0));
    call.startRead();
    call.halfClose();
  });
}
