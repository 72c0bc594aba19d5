import type { ContractMethod } from "../contract/contract.ts";
import type { Metadata } from "../errors.ts";
import { type Epochs, epochHeader } from "./epoch.ts";
import type { CallPolicy } from "./policy.ts";
import type { CallOptions, Session, SessionCallOptions } from "./session.ts";

/**
 * The session as clients get it: every call of theirs, over whatever protocol, passes here. What the policy denies is
 * refused by name already, and again when it is called; a call that names an epoch goes to that connection or not at all.
 * The proxy's own calls (subscription, frames) use the session inside.
 */
export function guardSession(session: Session, policy: CallPolicy, epochs: Epochs): Session {
  const admit = (method: ContractMethod, options: CallOptions): SessionCallOptions => {
    policy.check(method);
    const bound = bindEpoch(options, epochs);
    if (!policy.restricts) return bound;
    return {
      ...bound,
      checkUpstream: (path) => policy.checkTranslated(method, findByPath(session, path)),
    };
  };
  return {
    name: session.name,
    upstream: session.upstream,
    get generation() {
      return session.generation;
    },
    get contract() {
      return session.contract;
    },
    findMethod(service, method) {
      const target = session.findMethod(service, method);
      policy.check(target.method);
      return target;
    },
    call(target, wire, options) {
      let admitted: SessionCallOptions;
      try {
        admitted = admit(target.method, options);
      } catch (error) {
        return Promise.reject(error);
      }
      return session.call(target, wire, admitted);
    },
    stream: (target, requests, options) => session.stream(target, requests, admit(target.method, options)),
    onContractChange: (listener) => session.onContractChange(listener),
    close: () => session.close(),
  };
}

/** Takes the epoch out of the metadata, where each protocol has put it with the request's other headers. */
function bindEpoch(options: CallOptions, epochs: Epochs): CallOptions {
  const { metadata } = options;
  const named = metadata?.get(epochHeader)?.[0];
  if (metadata === undefined || named === undefined) return options;
  const connection = epochs.require(named);
  const passed: Metadata = new Map([...metadata].filter(([name]) => name !== epochHeader));
  return { ...options, metadata: passed, connection };
}

function findByPath({ contract }: Session, path: string): ContractMethod | undefined {
  const [, service = "", method = ""] = path.split("/");
  return contract.services.get(service)?.methods.get(method);
}
