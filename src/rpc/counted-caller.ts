import { asProxyError } from "../errors.ts";
import type { CallMeter } from "../observe/call-meter.ts";
import type { CallTarget } from "./session.ts";
import type { Caller } from "./unary-call.ts";

/** A caller of one Octane whose calls are counted one by one: for requests that make several. */
export function createCountedCaller(caller: Caller, meter: CallMeter, octane: string): Caller {
  return {
    async callJson(request) {
      const startedAt = performance.now();
      let target: CallTarget | undefined;
      const count = (code: string) =>
        meter.countCall({
          octane,
          method: calledMethod(target),
          code,
          durationMs: performance.now() - startedAt,
        });
      try {
        const result = await caller.callJson({
          ...request,
          onTarget(found) {
            target = found;
            request.onTarget?.(found);
          },
        });
        count("OK");
        return result;
      } catch (error) {
        count(asProxyError(error).code);
        throw error;
      }
    },
  };
}

/** What a target is called in metrics; undefined for none. */
export function calledMethod(target: CallTarget | undefined) {
  if (target?.method === undefined) return undefined;
  const { service, name, kind } = target.method;
  return { service: service.fullName, method: name, kind };
}
