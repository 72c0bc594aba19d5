import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { ContractMethod } from "../../src/contract/contract.ts";
import { createContracts } from "../../src/contract/create-contracts.ts";
import { createProxy, createSimulator, type Generation } from "../../src/index.ts";
import { silentLogger } from "../../src/observe/logger.ts";
import { shortNameOf } from "../../src/openapi/short-names.ts";
import { genericProtoDir, startGenericServer } from "../generic-server.ts";
import { createSchemaChecker, replyPointer, type SchemaChecker } from "./schema-checker.ts";

const generations: readonly Generation[] = ["alpha5", "beta2"];

for (const generation of generations) {
  suite(`replies of a simulator of ${generation}`, () => {
    test("are what the document says, in every dialect, for every method that only reads", async () => {
      const simulator = await createSimulator({ generation });
      const proxy = await createProxy({ port: 0, octane: simulator.address, logger: silentLogger });
      try {
        await proxy.ready();
        const checker = await checkerOf(proxy.url);
        const some = await someHandles(proxy.url);
        const contract = createContracts({ protoDirs: [], descriptorSets: [] }).of(generation);
        const answered = new Set<string>();
        for (const service of contract.services.values()) {
          const name = shortNameOf(contract, service);
          for (const method of service.methods.values()) {
            if (method.kind !== "unary" || !method.readsOnly) continue;
            for (const handle of isAboutItems(name) ? some : some.slice(0, 1)) {
              const paths = pathsOf(name, method);
              const params = paramsOf(method, handle);
              const statuses = await Promise.all(
                paths.map((path) => checkCall(proxy.url, checker, path, params)),
              );
              for (const [index, status] of statuses.entries()) {
                if (status === 200) answered.add(paths[index] ?? "");
              }
            }
          }
        }
        // Each of at least a hundred methods in three dialects.
        assert.ok(answered.size > 300, `${answered.size} paths answered`);
      } finally {
        await proxy.close();
        await simulator.close();
      }
    });
  });
}

test("replies of any other server are what the document says", async () => {
  const server = await startGenericServer();
  const proxy = await createProxy({
    port: 0,
    octane: server.address,
    proto: [genericProtoDir],
    generation: "beta2",
    logger: silentLogger,
  });
  try {
    await proxy.ready();
    const checker = await checkerOf(proxy.url);
    const call = (method: string, body: object) =>
      Promise.all(
        ["/Everything/", "/api/grpc/Everything/", "/generic.v1.EverythingService/"].map((prefix) =>
          checkCall(proxy.url, checker, prefix + method, body),
        ),
      );
    assert.deepEqual(await call("Echo", {}), [200, 200, 200]);
    assert.deepEqual(await call("Echo", everything), [200, 200, 200]);
    assert.deepEqual(await call("Echo", { choice_uint64: "0", by_int64: { "-5": "" } }), [200, 200, 200]);
    assert.deepEqual(await call("Metadata", {}), [200, 200, 200]);
    assert.deepEqual(await call("Fail", { code: 3, message: "no", bad_field: "code" }), [400, 400, 400]);
    assert.deepEqual(await call("Fail", { code: 5 }), [404, 404, 404]);
    assert.deepEqual(await call("Echo", { an_int32: "x" }), [400, 400, 400]);
  } finally {
    await proxy.close();
    server.close();
  }
});

const everything = {
  a_double: "NaN",
  a_float: 0.1,
  an_int64: "-9223372036854775808",
  a_uint64: "18446744073709551615",
  some_bytes: "AAECAw==",
  a_mood: "MOOD_SAD",
  a_message: { a_message: { a_bool: true, choice_bool: false } },
  maybe_int32: 0,
  maybe_mood: 77,
  many_message: [{}, { number: 1 }],
  many_mood: ["MOOD_GLAD"],
  many_bytes: ["AA=="],
  by_string: { "": 1 },
  by_bool: { true: { text: "yes" } },
  choice_message: { text: "chosen" },
  at: "2026-01-02T03:04:05Z",
  lasting: "1.5s",
  tree: { a: [null, { b: 1 }] },
  value: null,
  mask: "aDouble",
  wrapped_int64: "0",
  wrapped_string: "",
  anything: { "@type": "type.googleapis.com/generic.v1.Numbered", number: 3 },
};

async function checkerOf(url: string): Promise<SchemaChecker> {
  const response = await fetch(`${url}/openapi.json`);
  assert.equal(response.status, 200);
  return createSchemaChecker((await response.json()) as object);
}

/** A graph, a node inside it, and what that has at its pins. */
async function someHandles(url: string): Promise<string[]> {
  const response = await fetch(`${url}/scene/tree`, {
    method: "POST",
    headers: { Accept: "application/x-ndjson", "Content-Type": "application/json" },
    body: JSON.stringify({ depth: 2, fields: [] }),
  });
  const lines = (await response.text()).trim().split("\n");
  const handles = lines.flatMap((line) => /"handle":"(\d+)"/.exec(line)?.[1] ?? []);
  assert.ok(handles.length > 3, lines.slice(0, 3).join());
  return [0, 1, 3].map((index) => handles[index] ?? "");
}

/** Makes the call, holds its reply against the document, and resolves with the HTTP status. */
async function checkCall(url: string, checker: SchemaChecker, path: string, params: object): Promise<number> {
  const response = await fetch(url + path, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      ...(path.includes("Service/") ? { "Connect-Protocol-Version": "1" } : {}),
    },
    body: JSON.stringify(params),
  });
  const text = await response.text();
  const wrong = checker.check(replyPointer(path, response.status), JSON.parse(text));
  assert.equal(wrong, undefined, `${path} ${JSON.stringify(params)}: ${text.slice(0, 500)}`);
  return response.status;
}

function pathsOf(name: string, method: ContractMethod): string[] {
  return [`/${name}/${method.name}`, `/api/grpc/${name}/${method.name}`, method.path];
}

function isAboutItems(name: string): boolean {
  return name === "ApiItem" || name === "ApiNode" || name === "ApiNodeGraph";
}

/** The item as receiver, whatever the request calls it. */
function paramsOf(method: ContractMethod, handle: string): object {
  const reference = { handle, type: 16 };
  const receivers = method.desc.input.fields.filter(
    ({ name, fieldKind }) => fieldKind === "message" && /objectPtr|ref$/i.test(name),
  );
  return Object.fromEntries(receivers.map(({ name }) => [name, reference]));
}
