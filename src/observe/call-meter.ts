import type { CalledMethod, CallProtocol } from "./call-log.ts";

/** What is counted of one call of Octane, also of those inside a batch. */
export interface MeteredCall {
  /** Name of the Octane it was for. */
  readonly octane: string;
  /** Undefined where nothing in the contract has the name that was called. */
  readonly method: CalledMethod | undefined;
  /** Of gRPC: `OK`, `NOT_FOUND`. */
  readonly code: string;
  readonly durationMs: number;
}

/** What is counted of one request that calls: a batch is one. */
export interface MeteredRequest {
  readonly protocol: CallProtocol;
  /** Of HTTP. */
  readonly status: number;
  readonly requestBytes: number;
  readonly replyBytes: number;
  readonly messages: { readonly request: number; readonly reply: number } | undefined;
}

/** Upper bounds of the duration histogram, in seconds. */
export const durationBounds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
] as const;

/** Counters of one method of one Octane. */
export interface MethodMeter {
  readonly octane: string;
  readonly service: string;
  readonly method: string;
  readonly codes: ReadonlyMap<string, number>;
  /** Calls by the first bound that they kept to; the last is for those beyond all. */
  readonly durations: readonly number[];
  readonly durationSumSeconds: number;
}

export interface ProtocolMeter {
  readonly protocol: CallProtocol;
  readonly statuses: ReadonlyMap<number, number>;
  readonly requestBytes: number;
  readonly replyBytes: number;
  readonly requestMessages: number;
  readonly replyMessages: number;
}

/** Counts calls at the cost of a few additions. */
export interface CallMeter {
  countCall(call: MeteredCall): void;
  countRequest(request: MeteredRequest): void;
  readonly methods: Iterable<MethodMeter>;
  readonly protocols: Iterable<ProtocolMeter>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type MethodCounts = Mutable<Omit<MethodMeter, "codes" | "durations">> & {
  readonly codes: Map<string, number>;
  readonly durations: number[];
};
type ProtocolCounts = Mutable<Omit<ProtocolMeter, "statuses">> & { readonly statuses: Map<number, number> };

/** Methods beyond `maxMethods` of all Octanes are counted together for each, as `other`. */
export function createCallMeter({ maxMethods = 1_000 } = {}): CallMeter {
  const methods: MethodCounts[] = [];
  /** By Octane, service and method: one text of the three would be made anew for each call. */
  const places = new Map<string, Map<string, Map<string, MethodCounts>>>();
  const protocols = new Map<CallProtocol, ProtocolCounts>();

  const countsOf = (octane: string, service: string, method: string): MethodCounts => {
    const known = places.get(octane)?.get(service)?.get(method);
    if (known !== undefined) return known;
    if (methods.length >= maxMethods && service !== "other") return countsOf(octane, "other", "other");
    const fresh = {
      octane,
      service,
      method,
      codes: new Map(),
      durations: noDurations(),
      durationSumSeconds: 0,
    };
    methods.push(fresh);
    const ofOctane = places.get(octane) ?? new Map<string, Map<string, MethodCounts>>();
    const ofService = ofOctane.get(service) ?? new Map<string, MethodCounts>();
    places.set(octane, ofOctane.set(service, ofService.set(method, fresh)));
    return fresh;
  };
  return {
    countCall({ octane, method, code, durationMs }) {
      const counts = countsOf(octane, method?.service ?? "unknown", method?.method ?? "unknown");
      add(counts.codes, code);
      // A stream lasts as long as somebody listens: that says nothing about Octane.
      if (method !== undefined && method.kind !== "unary") return;
      const seconds = durationMs / 1000;
      const bucket = durationBounds.findIndex((bound) => seconds <= bound);
      const index = bucket < 0 ? durationBounds.length : bucket;
      counts.durations[index] = (counts.durations[index] ?? 0) + 1;
      counts.durationSumSeconds += seconds;
    },
    countRequest({ protocol, status, requestBytes, replyBytes, messages }) {
      const known = protocols.get(protocol);
      const counts = known ?? newProtocol(protocol);
      if (known === undefined) protocols.set(protocol, counts);
      add(counts.statuses, status);
      counts.requestBytes += requestBytes;
      counts.replyBytes += replyBytes;
      counts.requestMessages += messages?.request ?? 0;
      counts.replyMessages += messages?.reply ?? 0;
    },
    get methods() {
      return methods;
    },
    get protocols() {
      return protocols.values();
    },
  };
}

function noDurations(): number[] {
  return new Array<number>(durationBounds.length + 1).fill(0);
}

function newProtocol(protocol: CallProtocol): ProtocolCounts {
  return {
    protocol,
    statuses: new Map(),
    requestBytes: 0,
    replyBytes: 0,
    requestMessages: 0,
    replyMessages: 0,
  };
}

function add<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
