import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { suite, test } from "node:test";
import { createProxy, createSimulator } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { startFakeOctane } from "./fake-octane.ts";
import { type GenericServer, genericProtoDir, startGenericServer } from "./generic-server.ts";
import { readLines } from "./read-lines.ts";

interface Item {
  readonly index: number;
  readonly id?: string;
  readonly result?: Record<string, unknown>;
  readonly error?: {
    readonly code: string;
    readonly reason: string;
    readonly field?: string;
    readonly details?: unknown;
  };
  readonly ignoredFields?: readonly string[];
}

const service = "EverythingService";
const echo = (params: object, id?: string) => ({ id, service, method: "Echo", params });
const fail = { service, method: "Fail", params: { code: 5, message: "not there", bad_field: "a.b" } };
const hang = { service, method: "Hang" };

suite("POST /batch", () => {
  for (const parallel of [false, true]) {
    for (const accept of ["application/json", "application/x-ndjson"]) {
      const mode = `${parallel ? "in parallel" : "in order"} as ${accept}`;
      test(`answers each of 500 calls in its place, ${mode}`, async () => {
        await withGeneric(async (url) => {
          const { calls, expected } = fiveHundredCalls();
          const results = await batch(url, { calls, parallel }, { accept });
          if (!parallel)
            assert.deepEqual(
              results.map(({ index }) => index),
              [...calls.keys()],
            );
          const inOrder = [...results].sort((a, b) => a.index - b.index);
          assert.deepEqual(inOrder.map(summary), expected);
        });
      });
    }
  }

  test("shows Octane its writes in order", async () => {
    const names = Array.from({ length: 300 }, (_, index) => `name ${index}`);
    const setName = "/octaneapi.ApiItemService/setName";
    let received = 0;
    // The earlier ones take longer: sent at once, they would end in another order.
    const handler = async () => {
      for (let turns = (received++ * 7) % 5; turns > 0; turns--) await new Promise(setImmediate);
      return new Uint8Array();
    };
    const octane = await startFakeOctane(new Map([[setName, handler]]));
    try {
      await withProxy({ octane: octane.address, generation: "beta2" }, async (url) => {
        const calls = names.map((name) => ({
          ...{ service: "ApiItem", method: "setName" },
          params: { objectPtr: { handle: "1", type: 16 }, name },
        }));
        const results = await batch(url, calls);
        assert.deepEqual(
          results.map(({ result }) => result),
          names.map(() => ({})),
        );
        const seen = octane.received.map(({ wire }) => /name \d+$/.exec(wire.toString("latin1"))?.[0]);
        assert.deepEqual(seen, names);
      });
    } finally {
      octane.close();
    }
  });

  test("creates a node, names it and reads it back in one request, in either generation", async () => {
    for (const generation of ["alpha5", "beta2"] as const) {
      const simulator = await createSimulator({ generation, pattern: true, fps: 1 });
      try {
        await withProxy({ octane: simulator.address }, async (url) => {
          const results = await batch(url, [
            { id: "root", service: "ApiProjectManager", method: "rootNodeGraph" },
            {
              ...{ id: "node", service: "ApiNode", method: "create" },
              params: { type: "NT_FLOAT", ownerGraph: "$root.result", configurePins: true },
            },
            { service: "ApiItem", method: "setName", params: { objectPtr: "$node.result", name: "$$5" } },
            {
              ...{ service: "ApiItem", method: "setValueByAttrID" },
              params: {
                item_ref: { handle: "$node.result.handle" },
                attribute_id: "A_VALUE",
                float4_value: { x: 0.1 },
              },
            },
            { service: "ApiItem", method: "name", params: { objectPtr: "$node.result" } },
            {
              ...{ service: "ApiItem", method: "getByAttrID" },
              params: { objectPtr: "$1.result", attribute_id: 185, expected_type: 12 },
            },
            { service: "ApiItem", method: "destroy", params: { objectPtr: "$node.result" } },
            { service: "ApiItem", method: "name", params: { objectPtr: "$node.result" } },
          ]);
          const [, , , written, name, value, destroyed, gone] = results;
          assert.deepEqual(written?.result, { success: true });
          assert.deepEqual(name?.result, { result: "$5" });
          assert.deepEqual(value?.result, { float4_value: { x: 0.1 }, value: "float4_value" });
          assert.deepEqual(destroyed?.result, {});
          assert.equal(gone?.error?.code, "NOT_FOUND");
        });
      } finally {
        await simulator.close();
      }
    }
  });

  test("loses no digit of 64-bit values, in params and in references", async () => {
    await withGeneric(async (url) => {
      const body = `[
        {"id":"a","service":"${service}","method":"Echo","params":{"a_uint64":18446744073709551615,"an_int64":-9007199254740993}},
        {"service":"${service}","method":"Echo","params":{"a_fixed64":"$a.a_uint64","a_sint64":"$a.an_int64","a_string":"$a.a_uint64"}}]`;
      const results = await batch(url, body);
      assert.deepEqual(results[0]?.result, {
        an_int64: "-9007199254740993",
        a_uint64: "18446744073709551615",
      });
      assert.deepEqual(results[1]?.result, {
        ...{
          a_sint64: "-9007199254740993",
          a_fixed64: "18446744073709551615",
          a_string: "18446744073709551615",
        },
      });
    });
  });

  test("hands on what stands at its default, and refuses what is unset", async () => {
    await withGeneric(async (url) => {
      const results = await batch(url, [
        echo({ many_message: [{ number: 0 }] }, "a"),
        echo({ an_int32: "$a.many_message[0].number", a_bool: "$a.a_bool", many_string: "$a.many_string" }),
        echo({ a_message: "$a.a_message" }),
      ]);
      assert.deepEqual(results[0]?.result, { many_message: [{}] });
      assert.deepEqual(results[1]?.result, {});
      assert.deepEqual(
        [results[2]?.error?.reason, results[2]?.error?.field],
        ["failed_dependency", "a_message"],
      );
    });
  });

  test("tells of each failed call what its own route would tell", async () => {
    await withGeneric(async (url) => {
      const results = await batch(url, [
        fail,
        { service: "NoSuchService", method: "x" },
        { service, method: "Ech" },
        { service, method: "Count", params: { count: 1 } },
        echo({ an_int32: "many" }),
        echo({ an_int32: 1, unheard: { of: 2 } }),
      ]);
      const told = results.map(({ error }) => [error?.code, error?.reason, error?.field]);
      assert.deepEqual(told, [
        ["NOT_FOUND", "upstream_status", undefined],
        ["UNIMPLEMENTED", "unknown_service", undefined],
        ["UNIMPLEMENTED", "unknown_method", undefined],
        ["UNIMPLEMENTED", "wrong_stream_kind", undefined],
        ["INVALID_ARGUMENT", "invalid_field", "an_int32"],
        [undefined, undefined, undefined],
      ]);
      assert.ok(Array.isArray(results[0]?.error?.details));
      assert.deepEqual(results[5]?.ignoredFields, ["unheard"]);
      const strict = await batch(url, [echo({ unheard: 1 })], {}, "?strict=1");
      assert.equal(strict[0]?.error?.reason, "unknown_field");
    });
  });

  test("refuses a batch that is not understood before it sends any of it", async () => {
    await withGeneric(async (url) => {
      const response = await post(url, { calls: [echo({}), { ...echo({}), parms: {} }] });
      assert.equal(response.status, 400);
      const body = (await response.json()) as Record<string, unknown>;
      assert.deepEqual([body.success, body.reason, body.field], [false, "unknown_field", "calls[1].parms"]);
    });
  });

  test("sends each line as soon as it is there, and cancels what is under way when the client goes", async () => {
    await withGeneric(async (url, server) => {
      const cancelled = server.cancelled("Hang");
      const calls = [echo({ an_int32: 1 }), hang, echo({ an_int32: 2 })];
      const headers = { "content-type": "application/json", accept: "application/x-ndjson" };
      const asking = request(`${url}/batch`, { method: "POST", headers });
      asking.end(JSON.stringify(calls));
      const [response] = (await once(asking, "response")) as [IncomingMessage];
      assert.equal(response.headers["content-type"], "application/x-ndjson");
      const [first] = (await once(response, "data")) as [Buffer];
      assert.deepEqual(JSON.parse(first.toString("utf8")), { index: 0, result: { an_int32: 1 } });
      asking.destroy();
      await cancelled;
    });
  });

  test("gives the whole batch its time", async () => {
    await withGeneric(async (url) => {
      const results = await batch(url, { calls: [hang, echo({})], timeoutMs: 250 });
      assert.deepEqual(
        results.map(({ error }) => error?.code),
        ["DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"],
      );
      const byHeader = await batch(url, { calls: [hang, hang], parallel: true }, { "x-timeout-ms": "250" });
      assert.deepEqual(
        byHeader.map(({ error }) => error?.code),
        ["DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"],
      );
    });
  });

  test("tells of every call when Octane goes away in between", async () => {
    await withGeneric(async (url, server) => {
      const running = batch(url, [echo({}), hang, echo({})]);
      while (server.open.get("Hang") !== 1) await new Promise(setImmediate);
      server.close();
      const results = await running;
      assert.deepEqual(
        results.map(({ error }) => error?.code),
        [undefined, "UNAVAILABLE", "UNAVAILABLE"],
      );
    });
  });
});

/** Chains of ten: a number is handed from call to call; in every third chain one call fails, with all after it. */
function fiveHundredCalls() {
  const calls: object[] = [];
  const expected: unknown[] = [];
  for (let chain = 0; chain < 50; chain++) {
    const number = String(2n ** 63n + BigInt(chain));
    for (let link = 0; link < 10; link++) {
      const index = chain * 10 + link;
      const id = link % 2 === 0 ? { id: `c${index}` } : {};
      const before = link % 2 === 1 ? `$c${index - 1}` : `$${index - 1}`;
      const fails = chain % 3 === 2 && link === 1 + (chain % 8);
      const value = link === 0 ? number : `${before}.a_uint64`;
      if (fails) calls.push({ ...id, ...fail });
      else calls.push({ ...echo({ a_uint64: value, an_int32: index + 1 }), ...id });
      const isCut = chain % 3 === 2 && link > 1 + (chain % 8);
      const outcome = fails
        ? "upstream_status"
        : isCut
          ? "failed_dependency"
          : { an_int32: index + 1, a_uint64: number };
      expected.push({ index, ...id, outcome });
    }
  }
  return { calls, expected };
}

function summary({ index, id, result, error }: Item) {
  return { index, ...(id === undefined ? {} : { id }), outcome: error?.reason ?? result };
}

async function withGeneric(use: (url: string, server: GenericServer) => Promise<void>): Promise<void> {
  const server = await startGenericServer();
  try {
    await withProxy({ octane: server.address, proto: [genericProtoDir] }, (url) => use(url, server));
  } finally {
    server.close();
  }
}

async function withProxy(
  options: Parameters<typeof createProxy>[0],
  use: (url: string) => Promise<void>,
): Promise<void> {
  const proxy = await createProxy({ port: 0, logger: silentLogger, ...options });
  try {
    await proxy.ready();
    await use(proxy.url);
  } finally {
    await proxy.close();
  }
}

function post(url: string, body: unknown, headers: object = {}, query = ""): Promise<Response> {
  return fetch(`${url}/batch${query}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** The results in the order in which they came. */
async function batch(url: string, body: unknown, headers: object = {}, query = ""): Promise<Item[]> {
  const response = await post(url, body, headers, query);
  assert.equal(response.status, 200);
  if (response.headers.get("content-type") === "application/x-ndjson") {
    return readLines<Item>(await response.text());
  }
  return ((await response.json()) as { results: Item[] }).results;
}
