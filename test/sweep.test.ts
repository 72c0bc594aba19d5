import assert from "node:assert/strict";
import { once } from "node:events";
import { suite, test } from "node:test";
import {
  create,
  type DescField,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonValue,
  type Message,
  ScalarType,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import * as grpc from "@grpc/grpc-js";
import { WebSocket } from "ws";
import { loadBuiltIn } from "../src/contract/built-in.ts";
import type { Contract, ContractMethod } from "../src/contract/contract.ts";
import { createProxy, type Generation } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { type FakeHandler, startFakeOctane } from "./fake-octane.ts";

const unaryMethods: Readonly<Record<Generation, number>> = { alpha5: 577, beta2: 476 };

for (const generation of ["alpha5", "beta2"] as const) {
  const contract = loadBuiltIn(generation);
  const methods = [...contract.services.values()].flatMap((service) => [...service.methods.values()]);
  const unary = methods.filter((method) => method.kind === "unary");

  suite(`every RPC of ${generation}`, () => {
    for (const route of ["envelope", "plain"] as const) {
      test(`that is unary arrives and comes back as protobuf-es reads it, through the ${route} route`, async () => {
        assert.equal(unary.length, unaryMethods[generation]);
        const handlers = new Map<string, FakeHandler>(
          unary.map((method) => [method.path, () => toBinary(method.desc.output, sampleReply(method))]),
        );
        const octane = await startFakeOctane(handlers);
        const proxy = await createProxy({
          port: 0,
          octane: octane.address,
          generation,
          logger: silentLogger,
        });
        try {
          await proxy.ready();
          for (const method of unary) {
            const request = sample(method.desc.input, 2, method.name.length);
            const reply = await post(
              `${proxy.url}${pathOf(route, method)}`,
              toJson(method.desc.input, request),
            );
            const received = octane.received.at(-1);
            assert.equal(received?.path, method.path);
            assertSame(
              method.desc.input,
              fromBinary(method.desc.input, received?.wire ?? Buffer.alloc(0)),
              request,
            );
            assertSame(method.desc.output, readReply(contract, route, method, reply), sampleReply(method));
          }
          assert.equal(octane.received.length, unary.length);
        } finally {
          await proxy.close();
          octane.close();
        }
      });
    }
    test("takes StreamCamera's poses and gives its summary, over a WebSocket", async () => {
      const method = find(methods, "StreamCamera");
      const poses = [3, 4, 5].map((seed) => sample(method.desc.input, 2, seed));
      const received: Buffer[] = [];
      await withStreamingOctane(generation, method, received, [sampleReply(method)], async (url) => {
        const socket = new WebSocket(`${url.replace("http", "ws")}/ws/LiveLink/StreamCamera`);
        socket.on("open", () => {
          for (const pose of poses)
            socket.send(`{"message":${JSON.stringify(toJson(method.desc.input, pose))}}`);
          socket.send('{"end":{}}');
        });
        const replies: JsonValue[] = [];
        socket.on("message", (text) => replies.push(JSON.parse(String(text))));
        await once(socket, "close");
        const [result, end] = replies as { result: JsonValue; end: JsonValue }[];
        assert.equal(replies.length, 2);
        assert.ok(end?.end);
        assertSame(
          method.desc.output,
          readReply(contract, "plain", method, result?.result ?? null),
          sampleReply(method),
        );
        assert.equal(received.length, poses.length);
        for (const [index, wire] of received.entries()) {
          assertSame(method.desc.input, fromBinary(method.desc.input, wire), poses[index] as Message);
        }
      });
    });

    test("passes callbackChannel's events on as they are", async () => {
      const method = find(methods, "callbackChannel");
      // Not an image: those are fetched, or sent once more to whoever joins.
      const event = sample(method.desc.output, 2, 1);
      assert.deepEqual(Object.keys(toJson(method.desc.output, event) as object), ["renderFailure"]);
      await withStreamingOctane(generation, method, [], [event, event], async (url) => {
        const response = await fetch(`${url}/StreamCallback/callbackChannel`, {
          method: "POST",
          headers: { accept: "application/x-ndjson", "content-type": "application/json" },
          body: "{}",
        });
        const lines = (await response.text()).trim().split("\n");
        const results = lines
          .map((line) => JSON.parse(line) as { result?: JsonValue })
          .filter(({ result }) => result);
        assert.equal(results.length, 2, lines.join("\n"));
        for (const { result } of results) {
          assertSame(method.desc.output, fromJson(method.desc.output, result ?? null), event);
        }
      });
    });
  });
}

function find(methods: readonly ContractMethod[], name: string): ContractMethod {
  const method = methods.find((each) => each.name === name);
  assert.ok(method, name);
  return method;
}

/** A gRPC server with one streaming method on raw bytes, and a proxy before it. */
async function withStreamingOctane(
  generation: Generation,
  method: ContractMethod,
  received: Buffer[],
  replies: readonly Message[],
  use: (url: string) => Promise<void>,
): Promise<void> {
  const wires = replies.map((reply) => Buffer.from(toBinary(method.desc.output, reply)));
  const same = (bytes: Buffer) => bytes;
  const server = new grpc.Server();
  if (method.kind === "client_streaming") {
    const handler: grpc.handleClientStreamingCall<Buffer, Buffer> = (call, done) => {
      call.on("data", (wire: Buffer) => received.push(wire));
      call.on("end", () => done(null, wires[0]));
    };
    server.register(method.path, handler, same, same, "clientStream");
  } else {
    const handler: grpc.handleServerStreamingCall<Buffer, Buffer> = (call) => {
      for (const wire of wires) call.write(wire);
      call.end();
    };
    server.register(method.path, handler, same, same, "serverStream");
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const proxy = await createProxy({ port: 0, octane: `127.0.0.1:${port}`, generation, logger: silentLogger });
  try {
    await proxy.ready();
    await use(proxy.url);
  } finally {
    await proxy.close();
    server.forceShutdown();
  }
}

function pathOf(route: "envelope" | "plain", method: ContractMethod): string {
  return `${route === "plain" ? "/api/grpc" : ""}/${method.service.fullName}/${method.name}`;
}

async function post(url: string, body: JsonValue): Promise<JsonValue> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  assert.equal(response.status, 200, `${url}: ${text}`);
  return JSON.parse(text) as JsonValue;
}

/** The plain dialect names each set oneof member in a key of its own, which protobuf's JSON does not know. */
function readReply(
  contract: Contract,
  route: "envelope" | "plain",
  method: ContractMethod,
  reply: JsonValue,
): Message {
  const { registry } = contract;
  if (route === "plain") return fromJson(method.desc.output, reply, { registry, ignoreUnknownFields: true });
  assert.equal((reply as { success: boolean }).success, true);
  return fromJson(method.desc.output, (reply as { data: JsonValue }).data, { registry });
}

function assertSame(desc: DescMessage, actual: Message, expected: Message): void {
  assert.ok(
    Buffer.compare(toBinary(desc, actual), toBinary(desc, expected)) === 0,
    `${desc.typeName}: ${JSON.stringify(toJson(desc, actual))} is not ${JSON.stringify(toJson(desc, expected))}`,
  );
}

function sampleReply(method: ContractMethod): Message {
  return sample(method.desc.output, 2, method.name.length + 1);
}

/** A message in which every field has a value, no two alike if it can be helped; of each oneof one member. */
function sample(desc: DescMessage, depth: number, seed: number): Message {
  const message = reflect(desc, create(desc));
  const oneofs = new Set<unknown>();
  for (const field of desc.fields) {
    if (field.message !== undefined && depth === 0) continue;
    if (field.oneof !== undefined) {
      // Not always the first: the seed picks.
      const wanted = field.oneof.fields[seed % field.oneof.fields.length];
      if (oneofs.has(field.oneof) || (field !== wanted && wanted?.message === undefined)) continue;
      if (field !== wanted) continue;
      oneofs.add(field.oneof);
    }
    if (field.fieldKind === "list") {
      for (const offset of [0, 1]) message.get(field).add(sampleValue(field, depth, seed + offset) as never);
    } else if (field.fieldKind !== "map") {
      message.set(field, sampleValue(field, depth, seed) as never);
    }
  }
  return message.message;
}

function sampleValue(field: DescField, depth: number, seed: number): unknown {
  if (field.message !== undefined)
    return reflect(field.message, sample(field.message, depth - 1, seed + field.number));
  if (field.enum !== undefined)
    return field.enum.values[(seed + field.number) % field.enum.values.length]?.number;
  return sampleScalar(field.scalar ?? ScalarType.STRING, seed + field.number);
}

/** Values whose digits a careless conversion would lose. */
function sampleScalar(type: ScalarType, seed: number): unknown {
  switch (type) {
    case ScalarType.STRING:
      return `text ${seed} "ä" \\ 🫖`;
    case ScalarType.BYTES:
      return new Uint8Array([0, 255, seed & 255, 128]);
    case ScalarType.BOOL:
      return true;
    case ScalarType.FLOAT:
      return Math.fround(0.1 + seed);
    case ScalarType.DOUBLE:
      return 0.1 + seed;
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return -9007199254740993n - BigInt(seed);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return 18446744073709551000n + BigInt(seed % 600);
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return 4294967000 + (seed % 290);
    default:
      return -2147483000 + seed;
  }
}
