import type { Contract, ContractMethod, Generation } from "../contract/contract.ts";
import { asProxyError, ProxyError } from "../errors.ts";
import type { Logger } from "../observe/logger.ts";
import type { UnaryReply, Upstream, UpstreamStream } from "../upstream/upstream.ts";
import { findTarget } from "./find-method.ts";
import { detectGeneration } from "./generation-detection.ts";
import type { CallTarget, Contracts, Session, SessionCallOptions } from "./session.ts";
import { createPlanner, generationTitles } from "./translation-plan.ts";

export interface SessionOptions {
  /** For logs and health: names the Octane where there are several. */
  readonly name: string;
  readonly upstream: Upstream;
  readonly contracts: Contracts;
  /** `auto` asks each connection; anything else is believed. */
  readonly generation: Generation | "auto";
  readonly logger: Logger;
}

export interface SessionHandle extends Session {
  /** Takes another contract into use, such as one that reflection gave. */
  replaceContracts(contracts: Contracts): void;
}

/**
 * A call of a method that only one generation has waits this long for the detection, and at most half its own time;
 * then it goes by the assumption.
 */
const detectionWaitMs = 1500;

/** Joins one Octane with its contract. Owns neither: `close` stops the detection and leaves the upstream open. */
export function createSession(options: SessionOptions): SessionHandle {
  const { upstream, logger } = options;
  let contracts = options.contracts;
  let generation: Generation | undefined = options.generation === "auto" ? undefined : options.generation;
  let planner = createPlanner(contracts);
  const listeners = new Set<() => void>();
  /** By the names that clients use, of which each service has a handful; what nothing is called is not kept. */
  const targets = new Map<string, Map<string, CallTarget>>();

  const detection =
    options.generation === "auto"
      ? detectGeneration(upstream, logger, (detected) => {
          if (detected === generation) return;
          generation = detected;
          logger.info(`Octane is ${generationTitles[detected]}`, { generation: detected });
          announce();
        })
      : undefined;

  const announce = (): void => {
    targets.clear();
    for (const listener of [...listeners]) listener();
  };

  const connected = (): Generation => generation ?? "beta2";

  /** True when the call goes as it is, whatever the detection may still say. */
  const goesAsItIs = (method: ContractMethod): boolean =>
    generation === undefined ? planner.isShared(method) : planner.isNative(method, generation);

  /** Bounded: a detection that hangs must not hold up calls. */
  const awaitGeneration = async (timeoutMs: number): Promise<void> => {
    if (detection === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.min(detectionWaitMs, timeoutMs / 2));
    });
    try {
      const ready = upstream.state === "connecting" ? firstState(upstream) : Promise.resolve();
      await Promise.race([ready.then(() => detection.settled()), late]);
    } finally {
      clearTimeout(timer);
    }
  };

  const plan = async (method: ContractMethod, timeoutMs: number) => {
    if (generation === undefined) await awaitGeneration(timeoutMs);
    return planner.plan(method, connected());
  };

  const call = async (
    method: ContractMethod,
    wire: Uint8Array,
    call: SessionCallOptions,
  ): Promise<UnaryReply> => {
    const startedAt = performance.now();
    const how = await plan(method, call.timeoutMs);
    const left = (): SessionCallOptions => ({
      ...call,
      timeoutMs: Math.max(1, call.timeoutMs - (performance.now() - startedAt)),
    });
    if (how.kind === "rename") {
      if (how.path !== method.path) call.checkUpstream?.(how.path);
      return upstream.unary(how.path, wire, left());
    }
    const converted = await how.convert(
      wire,
      async (path, question) => (await upstream.unary(path, question, left())).wire,
    );
    call.checkUpstream?.(converted.path);
    const reply = await upstream.unary(converted.path, converted.wire, left());
    return { ...reply, wire: converted.reply(reply.wire) };
  };

  return {
    name: options.name,
    upstream,
    get generation() {
      return generation;
    },
    get contract(): Contract {
      return contracts[connected()];
    },
    findMethod(service, method) {
      const found = targets.get(service)?.get(method);
      if (found !== undefined) return found;
      const target = findTarget(contracts, connected(), service, method);
      const ofService = targets.get(service) ?? new Map<string, CallTarget>();
      targets.set(service, ofService.set(method, target));
      return target;
    },
    call(target, wire, callOptions) {
      // Without a detour for what is the same in both generations: that is nearly every call.
      if (goesAsItIs(target.method)) return upstream.unary(target.method.path, wire, callOptions);
      return call(target.method, wire, callOptions);
    },
    stream(target, requests, callOptions): UpstreamStream {
      const { method } = target;
      if (goesAsItIs(method)) return upstream.stream(method.path, requests, callOptions);
      const how = planner.plan(method, connected());
      // Every method that is translated is unary; a unary call may still come as a stream of one.
      if (how.kind === "convert") return unaryAsStream(requests, (wire) => call(method, wire, callOptions));
      if (how.path !== method.path) callOptions.checkUpstream?.(how.path);
      return upstream.stream(how.path, requests, callOptions);
    },
    onContractChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    replaceContracts(replacement) {
      contracts = replacement;
      planner = createPlanner(replacement);
      announce();
    },
    async close() {
      detection?.close();
      listeners.clear();
    },
  };
}

function firstState(upstream: Upstream): Promise<void> {
  return new Promise((resolve) => {
    const stop = upstream.onStateChange(() => {
      stop();
      resolve();
    });
  });
}

/** One request in, one reply out, in the form of a stream. */
function unaryAsStream(
  requests: AsyncIterable<Uint8Array>,
  call: (wire: Uint8Array) => Promise<UnaryReply>,
): UpstreamStream {
  const reply = (async (): Promise<UnaryReply> => {
    for await (const wire of requests) return call(wire);
    throw new ProxyError(
      "malformed_request",
      "expected one request message, but the stream of requests was empty",
    );
  })();
  reply.catch(() => undefined);
  async function* messages(): AsyncGenerator<Uint8Array> {
    yield (await reply).wire;
  }
  const headers = reply.then((each) => each.headers);
  const trailers = reply.then((each) => each.trailers);
  for (const promise of [headers, trailers]) promise.catch(asProxyError);
  return { headers, trailers, messages: messages(), cancel() {} };
}
