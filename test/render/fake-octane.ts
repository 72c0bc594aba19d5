import type { DescMessage } from "@bufbuild/protobuf";
import { fromBinary, fromJson, type JsonObject, type Message, toBinary, toJson } from "@bufbuild/protobuf";
import { loadBuiltIn } from "../../src/contract/built-in.ts";
import type { Contract, ContractMethod, Generation } from "../../src/contract/contract.ts";
import { ProxyError } from "../../src/errors.ts";
import type { CallOptions, CallTarget, Session, UnaryReply, UpstreamStream } from "../../src/rpc/session.ts";
import type { CallSignal, UpstreamState } from "../../src/upstream/upstream.ts";

export interface TestImage {
  readonly type?: number;
  readonly width: number;
  readonly height: number;
  readonly pitch?: number;
  readonly data: Uint8Array;
  readonly isLinear?: boolean;
  readonly hasAlpha?: boolean;
  readonly pass?: number;
  readonly samples?: number;
  readonly maxSamples?: number;
  readonly changeLevel?: number;
}

interface OpenStream {
  push(wire: Uint8Array): void;
  fail(error: ProxyError): void;
}

const contracts = new Map<Generation, Contract>();

/** An Octane inside the test: speaks the real messages of its generation, does what the test says. */
export class FakeOctane {
  readonly contract: Contract;
  readonly session: Session;
  /** Calls as `method` with the request's JSON, in the order they came. */
  readonly calls: { readonly method: string; readonly request: JsonObject }[] = [];
  readonly streams = new Set<OpenStream>();
  streamsOpened = 0;
  statistics: JsonObject = { beautySamplesPerPixel: 0, state: "RSTATE_RENDERING" };
  /** What `grabRenderResult` answers. */
  result: readonly TestImage[] | undefined;
  /** Holds `grabRenderResult` back until it resolves. */
  grabGate: Promise<void> | undefined;
  grabsRunning = 0;
  mostGrabsRunning = 0;
  failing = new Map<string, ProxyError>();
  readonly #generation: Generation;
  readonly #stateListeners = new Set<(state: UpstreamState) => void>();
  readonly #waiters = new Set<() => void>();
  #state: UpstreamState = "ready";

  constructor(generation: Generation) {
    this.#generation = generation;
    let contract = contracts.get(generation);
    contract ??= loadBuiltIn(generation);
    contracts.set(generation, contract);
    this.contract = contract;
    this.session = this.#createSession(contract);
  }

  get carriesPixels(): boolean {
    return this.#generation === "alpha5";
  }

  get listenerCount(): number {
    return this.#stateListeners.size;
  }

  countOf(method: string): number {
    return this.calls.filter((call) => call.method === method).length;
  }

  setState(state: UpstreamState): void {
    this.#state = state;
    for (const listener of [...this.#stateListeners]) listener(state);
    if (state === "ready") for (const waiter of [...this.#waiters]) waiter();
  }

  /** Octane dies: streams break, calls fail. */
  goAway(): void {
    this.setState("unavailable");
    for (const stream of [...this.streams]) stream.fail(away());
  }

  /** A render result with its notice, as the generation gives it. */
  render(...images: readonly TestImage[]): void {
    this.result = images;
    this.sendCallback(
      "newImage",
      this.carriesPixels ? { render_images: { data: images.map(imageJson) } } : {},
    );
  }

  sendCallback(payload: string, fields: JsonObject = {}): void {
    const desc = this.#message("octaneapi.StreamCallbackRequest");
    const ids: JsonObject = this.carriesPixels ? { callback_source: "octane-proxy", callback_id: 1 } : {};
    const wire = toWire(desc, { [payload]: { ...ids, user_data: "7", ...fields } });
    for (const stream of this.streams) stream.push(wire);
  }

  #message(name: string): DescMessage {
    const desc = this.contract.registry.getMessage(name);
    if (desc === undefined) throw new Error(`no message ${name}`);
    return desc;
  }

  #createSession(contract: Contract): Session {
    const state = () => this.#state;
    return {
      name: "fake",
      generation: this.#generation,
      contract,
      upstream: {
        address: "fake:1",
        get state() {
          return state();
        },
        lastError: undefined,
        connectionCount: 1,
        onStateChange: (listener) => {
          this.#stateListeners.add(listener);
          return () => this.#stateListeners.delete(listener);
        },
        ready: (signal) => this.#ready(signal),
        unary: () => Promise.reject(new Error("not used")),
        stream: () => {
          throw new Error("not used");
        },
        close: async () => undefined,
      },
      findMethod: (serviceName, methodName) => {
        const found = contract.findService(serviceName);
        const method = found.kind === "found" ? found.service.methods.get(methodName) : undefined;
        if (method === undefined) throw new ProxyError("unknown_method", `no ${serviceName}/${methodName}`);
        return { method, isNative: true };
      },
      call: (target, wire, options) => this.#call(target.method, wire, options),
      stream: (target, requests, options) => this.#stream(target, requests, options),
      onContractChange: () => () => undefined,
      close: async () => undefined,
    } satisfies Partial<Session> as unknown as Session;
  }

  async #ready(signal?: AbortSignal): Promise<void> {
    if (this.#state === "ready") return;
    await new Promise<void>((resolve, reject) => {
      this.#waiters.add(resolve);
      signal?.addEventListener("abort", () => reject(new ProxyError("client_gone", "aborted")));
    });
  }

  async #call(method: ContractMethod, wire: Uint8Array, options: CallOptions): Promise<UnaryReply> {
    const request = toJson(method.desc.input, fromBinary(method.desc.input, wire)) as JsonObject;
    this.calls.push({ method: method.name, request });
    const failure = this.failing.get(method.name) ?? (this.#state === "ready" ? undefined : away());
    if (failure !== undefined) throw failure;
    if (options.signal?.aborted) throw options.signal.reason;
    const reply = await unlessAborted(this.#answer(method.name), options.signal);
    return { wire: toWire(method.desc.output, reply), headers: new Map(), trailers: new Map() };
  }

  async #answer(method: string): Promise<JsonObject> {
    switch (method) {
      case "setOnNewImageCallback":
        return { callbackId: 1 };
      case "getRenderStatistics":
        return { statistics: this.statistics };
      case "GetCamera":
        return { position: { x: 1, y: 2, z: 3 }, target: { x: 0, y: 0, z: 0 }, fov: 45 };
      case "grabRenderResult": {
        this.grabsRunning++;
        this.mostGrabsRunning = Math.max(this.mostGrabsRunning, this.grabsRunning);
        await this.grabGate;
        this.grabsRunning--;
        const { result } = this;
        return result === undefined ? {} : { result: true, renderImages: { data: result.map(imageJson) } };
      }
      default:
        return {};
    }
  }

  #stream(_target: CallTarget, _requests: AsyncIterable<Uint8Array>, options: CallOptions): UpstreamStream {
    this.streamsOpened++;
    const queue: Uint8Array[] = [];
    let wake: (() => void) | undefined;
    let error: ProxyError | undefined;
    const stream: OpenStream = {
      push(wire) {
        // As a transport does that takes the caller's memory for every message.
        const memory = options.receiveMemory?.(wire.length);
        if (memory === undefined) queue.push(wire);
        else queue.push(memory.fill(wire, 0, wire.length).subarray(0, wire.length));
        wake?.();
      },
      fail: (reason) => {
        error = reason;
        this.streams.delete(stream);
        wake?.();
      },
    };
    this.streams.add(stream);
    options.signal?.addEventListener("abort", () => stream.fail(new ProxyError("client_gone", "cancelled")));
    async function* messages(): AsyncGenerator<Uint8Array> {
      for (;;) {
        const next = queue.shift();
        if (next !== undefined) yield next;
        else if (error !== undefined) throw error;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    }
    return {
      headers: Promise.resolve(new Map()),
      trailers: Promise.resolve(new Map()),
      messages: messages(),
      cancel: () => stream.fail(new ProxyError("client_gone", "cancelled")),
    };
  }
}

/** What the call answers; nobody hears it any more once the caller has given it up. */
function unlessAborted<T>(answer: Promise<T>, signal: CallSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    signal?.addEventListener("abort", () => reject(new ProxyError("client_gone", "cancelled")));
    answer.then(resolve, reject);
  });
}

function away(): ProxyError {
  return new ProxyError("upstream_unavailable", "octane does not answer");
}

function toWire(desc: DescMessage, json: JsonObject): Uint8Array {
  const message: Message = fromJson(desc, json);
  return toBinary(desc, message);
}

function imageJson(image: TestImage): JsonObject {
  return {
    type: image.type ?? 0,
    isLinear: image.isLinear ?? false,
    hasAlpha: image.hasAlpha ?? false,
    size: { x: image.width, y: image.height },
    pitch: image.pitch ?? image.width,
    buffer: { data: Buffer.from(image.data).toString("base64"), size: image.data.length },
    renderPassId: image.pass ?? 0,
    tonemappedSamplesPerPixel: image.samples ?? 1,
    maxSamplesPerPixel: image.maxSamples ?? 100,
    samplesPerSecond: 10,
    renderTime: 0.5,
    changeLevel: { value: image.changeLevel ?? 1 },
  };
}
