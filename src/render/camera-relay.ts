import { asProxyError, type ProxyError } from "../errors.ts";
import type { Session } from "../rpc/session.ts";
import { type CameraPose, readCameraPose, writeCameraPose } from "./camera-pose.ts";
import type { Clock } from "./clock.ts";
import { coalesce } from "./coalesced.ts";

/** Brings camera poses of all viewers to Octane: latest wins, one call in flight, bounded rate, the last always sent. */
export interface CameraRelay {
  /** `onError` hears why this pose did not arrive; a pose that a later one replaced says nothing. */
  push(pose: CameraPose, onError: (error: ProxyError) => void): void;
  /** When the last pose came in; undefined before the first. */
  readonly lastPoseAtMs: number | undefined;
  /** The pose Octane has now. Throws ProxyError. */
  read(timeoutMs: number): Promise<CameraPose>;
  close(): void;
}

const callTimeoutMs = 5_000;

/**
 * Poses go out by `SetCamera`: unlike `StreamCamera` it answers each one, so that errors reach the viewer and a
 * slow Octane slows the poses down instead of queueing them.
 */
export function createCameraRelay({
  session,
  posesPerSecond,
  clock,
}: {
  session: Session;
  posesPerSecond: number;
  clock: Clock;
}): CameraRelay {
  let newest: { pose: CameraPose; onError: (error: ProxyError) => void } | undefined;
  let lastPoseAtMs: number | undefined;
  const abort = new AbortController();

  const deliver = async () => {
    const sent = newest;
    newest = undefined;
    if (sent === undefined) return;
    try {
      const target = session.findMethod("LiveLinkService", "SetCamera");
      const wire = writeCameraPose(target.method.desc.input, sent.pose);
      await session.call(target, wire, { timeoutMs: callTimeoutMs, signal: abort.signal });
    } catch (error) {
      if (!abort.signal.aborted) sent.onError(asProxyError(error));
    }
  };
  const delivery = coalesce(deliver, { intervalMs: 1000 / posesPerSecond, clock });

  return {
    get lastPoseAtMs() {
      return lastPoseAtMs;
    },
    push(pose, onError) {
      lastPoseAtMs = clock.nowMs();
      newest = { pose, onError };
      delivery.notice();
    },
    async read(timeoutMs) {
      const target = session.findMethod("LiveLinkService", "GetCamera");
      const reply = await session.call(target, new Uint8Array(0), { timeoutMs, signal: abort.signal });
      return readCameraPose(target.method.desc.output, reply.wire);
    },
    close() {
      delivery.stop();
      abort.abort();
    },
  };
}
