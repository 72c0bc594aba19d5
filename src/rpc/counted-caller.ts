import type { ContractMethod } from "../contract/contract.ts";
import { asProxyError } from "../errors.ts";
import type { CalledMethod } from "../observe/call-log.ts";
import type { CallMeter } from "../observe/call-meter.ts";
import type { CallTarget } from "./session.ts";
import type { Caller, CallNote } from "./unary-call.ts";

/** A caller of one Octane whose calls are counted one by one: for requests that make several. */
export function createCountedCaller(caller: Caller, meter: CallMeter, octane: string): Caller {
  return {
    async callJson(request) {
      const startedAt = performance.now();
      const note: CallNote = request.note ?? {};
      const count = (code: string) =>
        meter.countCall({
          octane,
          method: calledMethod(note.target),
          code,
          durationMs: performance.now() - startedAt,
        });
      try {
        const result = await caller.callJson({ ...request, note });
        count("OK");
        return result;
      } catch (error) {
        count(asProxyError(error).code);
        throw error;
      }
    },
  };
}

const called = new WeakMap<ContractMethod, CalledMethod>();

/** What a target is called in metrics, the same object for the same method; undefined for none. */
export function calledMethod(target: CallTarget | undefined): CalledMethod | undefined {
  if (target?.method === undefined) return undefined;
  const known = called.get(target.method);
  if (known !== undefined) return known;
  const { service, name, kind } = target.method;
  const fresh = { service: service.fullName, method: name, kind };
  called.set(target.method, fresh);
  return fresh;
}
