// A gRPC client of a simulator that uses nothing of the proxy but the contract: raw bytes through protobuf-es.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { loadBuiltIn } from "../src/contract/built-in.ts";
import type { ContractMethod, Generation } from "../src/contract/contract.ts";
import type { SimulatorOptions } from "../src/options.ts";
import { createSimulator, type Simulator } from "../src/simulator/simulator.ts";

export type Fields = Record<string, unknown>;
export interface Ref {
  readonly handle: bigint;
  readonly type: number;
}

export interface SimulatorClient {
  readonly simulator: Simulator;
  /** How many calls were made. */
  readonly calls: number;
  method(name: string): ContractMethod;
  /** `ApiItem/name`; resolves to the reply message. Rejects with a ServiceError. */
  call(name: string, request?: Fields): Promise<Fields>;
  /** The reply's `result`. */
  ask(name: string, request?: Fields): Promise<unknown>;
  stream(name: string, requests: readonly Fields[]): Promise<Fields>;
  /** The number of an enum value: `number("PinId", "P_FOV")`. */
  number(enumName: string, valueName: string): number;
  close(): Promise<void>;
}

/** A simulator with test images of 16 by 8 pixels, so that it costs nothing, and a client of it. */
export async function startSimulator(
  generation: Generation,
  options: SimulatorOptions = {},
): Promise<SimulatorClient> {
  const simulator = await createSimulator({ generation, pattern: true, fps: 1, ...options });
  const contract = loadBuiltIn(generation);
  const client = new Client(simulator.address, credentials.createInsecure(), {
    "grpc.max_receive_message_length": 256 * 1024 * 1024,
    "grpc.initial_reconnect_backoff_ms": 20,
    "grpc.max_reconnect_backoff_ms": 100,
  });
  let calls = 0;

  const method = (name: string): ContractMethod => {
    const [service = "", methodName = ""] = name.split("/");
    const found = contract.findService(service);
    const desc = found.kind === "found" ? found.service.methods.get(methodName) : undefined;
    if (desc === undefined) throw new Error(`${generation} has no ${name}`);
    return desc;
  };
  const codec = (name: string) => {
    const { path, desc } = method(name);
    return {
      path,
      serialize: (fields: Fields) => Buffer.from(toBinary(desc.input, create(desc.input, fields))),
      deserialize: (bytes: Buffer) => fromBinary(desc.output, bytes) as unknown as Fields,
    };
  };
  const call = (name: string, request: Fields = {}): Promise<Fields> => {
    calls += 1;
    const { path, serialize, deserialize } = codec(name);
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, serialize, deserialize, request, (error: ServiceError | null, reply) => {
        if (error !== null) reject(error);
        else resolve(reply ?? {});
      });
    });
  };

  return {
    simulator,
    get calls() {
      return calls;
    },
    method,
    call,
    ask: async (name, request) => (await call(name, request)).result,
    stream(name, requests) {
      const { path, serialize, deserialize } = codec(name);
      return new Promise((resolve, reject) => {
        const sending = client.makeClientStreamRequest(path, serialize, deserialize, (error, reply) => {
          if (error !== null) reject(error);
          else resolve(reply ?? {});
        });
        for (const request of requests) sending.write(request);
        sending.end();
      });
    },
    number(enumName, valueName) {
      const value = contract.registry
        .getEnum(`octaneapi.${enumName}`)
        ?.values.find(({ name }) => name === valueName);
      if (value === undefined) throw new Error(`no ${enumName}.${valueName}`);
      return value.number;
    },
    async close() {
      client.close();
      await simulator.close();
    },
  };
}
