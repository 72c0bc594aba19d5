import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Validator } from "@seriousme/openapi-schema-validator";
import type { Contract, Generation } from "../../src/contract/contract.ts";
import { createContracts } from "../../src/contract/create-contracts.ts";
import {
  createOctaneRoutes,
  createSharedRoutes,
  type OctaneRoutesInit,
} from "../../src/http/create-routes.ts";
import { createLimitCounters } from "../../src/http/limits-counters.ts";
import { createOperations } from "../../src/http/operations.ts";
import { createRenderRoutes } from "../../src/http/render-routes.ts";
import { reservedSegments } from "../../src/http/route-finder.ts";
import { createTickets } from "../../src/http/ticket.ts";
import { createTicketRoute } from "../../src/http/ticket-routes.ts";
import { createCallLog } from "../../src/observe/call-log.ts";
import { createCallMeter } from "../../src/observe/call-meter.ts";
import { createLogger } from "../../src/observe/create-logger.ts";
import { createDocument, wholeContract } from "../../src/openapi/document.ts";
import { dialectNames } from "../../src/openapi/schema-form.ts";
import { createServiceIndex } from "../../src/openapi/service-index.ts";
import { reservedNames, shortNameOf } from "../../src/openapi/short-names.ts";
import type { RenderFeed } from "../../src/render/render-feed.ts";
import { genericProtoDir } from "../generic-server.ts";
import { legacyProto, sampleProto } from "../transcode/sample-types.ts";

interface Operation {
  readonly operationId: string;
  readonly security?: unknown;
  readonly tags: readonly string[];
  readonly responses: Record<string, { content?: Record<string, unknown> }>;
  readonly requestBody?: { content: Record<string, { schema: unknown }> };
}
interface Document {
  readonly security?: unknown;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: Record<string, Record<string, unknown>>;
  readonly tags: readonly { name: string; description: string }[];
}

const troubledDir = fileURLToPath(new URL("../../../test/fixtures/proto/troubled/", import.meta.url));
const generations: readonly Generation[] = ["alpha5", "beta2"];

/** Services and messages at the edges: proto2, no package, names that clash, every streaming kind. */
const edges = `
syntax = "proto2";
service Bare { rpc ask(Question) returns (Answer); rpc listen(Question) returns (stream Answer); }
service docs { rpc open(Question) returns (Answer); }
message Question { required string text = 1; optional Question __proto__ = 2; optional int32 constructor = 3; }
message Answer { optional group Part = 1 { optional int32 size = 1; } extensions 10 to 20; }
`;
const sameName = (name: string) => `
syntax = "proto3";
package ${name};
service TwinService { rpc find(Empty) returns (Empty); }
message Empty {}
`;

function edgeContract(t: TestContext): Contract {
  const folder = mkdtempSync(join(tmpdir(), "octane-proxy-openapi-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of [
    ["edges.proto", edges],
    ["one.proto", sameName("one")],
    ["two.proto", sameName("two")],
    ["sample.proto", sampleProto],
    ["legacy.proto", legacyProto],
  ] as const) {
    writeFileSync(join(folder, name), text);
  }
  return createContracts({ protoDirs: [folder], descriptorSets: [] }).of("beta2");
}

function documentOf(contract: Contract, more: Partial<Parameters<typeof createDocument>[0]> = {}): Document {
  const init = { contract, ...wholeContract(contract), dialects: dialectNames, version: "1.2.3" };
  const document = createDocument({ ...init, serverUrl: "./", needsToken: false, ...more });
  return JSON.parse(JSON.stringify(document)) as Document;
}

/** Reads the rules of OpenAPI once. */
const validator = new Validator();

async function checkDocument(document: Document): Promise<void> {
  const result = await validator.validate(
    JSON.parse(JSON.stringify(document)) as object as Record<string, unknown>,
  );
  assert.deepEqual(result.errors ?? [], []);
  assert.equal(result.valid, true);
  const ids = operationsOf(document).map(({ operationId }) => operationId);
  assert.equal(new Set(ids).size, ids.length, "operation ids are unique");
  const tags = new Set(document.tags.map(({ name }) => name));
  for (const { operationId, tags: used } of operationsOf(document)) {
    assert.ok(used.length === 1 && tags.has(used[0] ?? ""), `the tag of ${operationId} is described`);
  }
  for (const [, kind = "", name = ""] of JSON.stringify(document).matchAll(
    /"\$ref":"#\/components\/([^/]+)\/([^"]+)"/g,
  )) {
    assert.ok(Object.hasOwn(document.components[kind] ?? {}, name), `${kind}/${name} is there`);
  }
}

function operationsOf(document: Document): Operation[] {
  return Object.values(document.paths).flatMap((item) => Object.values(item));
}

suite("the document is valid OpenAPI 3.1", () => {
  for (const generation of generations) {
    for (const [what, protoDirs] of [
      ["the built-in contract", []],
      ["a directory with every kind of field and stream", [genericProtoDir]],
      ["a directory whose files clash", [troubledDir]],
    ] as const) {
      test(`of ${what}, ${generation}`, async () => {
        const contract = createContracts({ protoDirs: [...protoDirs], descriptorSets: [] }).of(generation);
        const services = [...contract.services.values()].filter(({ source }) => source !== "built-in");
        await checkDocument(documentOf(contract, protoDirs.length === 0 ? {} : { services }));
      });
    }
  }

  test("of services without package, with one name in two packages, in proto2", async (t) => {
    await checkDocument(
      documentOf(edgeContract(t), { needsToken: true, serverUrl: "http://127.0.0.1:51023" }),
    );
  });

  test("of each service alone and of the proxy's own routes alone, in each dialect", async (t) => {
    const contract = edgeContract(t);
    for (const service of [...contract.services.values()].slice(-4)) {
      for (const dialect of dialectNames) {
        const document = documentOf(contract, {
          services: [service],
          hasProxyRoutes: false,
          dialects: [dialect],
        });
        await checkDocument(document);
        assert.equal(document.tags.length, 1);
      }
    }
    await checkDocument(documentOf(contract, { services: [] }));
  });
});

for (const generation of generations) {
  test(`every method of ${generation} is there in every dialect that can carry it`, () => {
    const contract = createContracts({ protoDirs: [genericProtoDir], descriptorSets: [] }).of(generation);
    const { paths } = documentOf(contract);
    const { services } = createServiceIndex(contract) as { services: { name: string; fullName: string }[] };
    assert.deepEqual(
      services.map(({ fullName }) => fullName),
      [...contract.services.keys()],
    );
    for (const { name, fullName } of services) {
      for (const method of contract.services.get(fullName)?.methods.values() ?? []) {
        const isSent = method.kind === "unary" || method.kind === "server_streaming";
        assert.equal(paths[`/${name}/${method.name}`] !== undefined, isSent, method.path);
        assert.equal(paths[`/api/grpc/${name}/${method.name}`] !== undefined, isSent, method.path);
        assert.ok(paths[method.path]?.post, method.path);
        assert.equal(paths[method.path]?.get !== undefined, method.kind === "unary" && method.readsOnly);
        assert.equal(paths[`/ws/${name}/${method.name}`] !== undefined, method.kind !== "unary");
        const reply = paths[`/${name}/${method.name}`]?.post?.responses["200"]?.content ?? {};
        const types =
          method.kind === "unary" ? ["application/json"] : ["text/event-stream", "application/x-ndjson"];
        if (isSent) assert.deepEqual(Object.keys(reply), types);
      }
    }
  });
}

test("a service is shown under the shortest name that leads to it alone", (t) => {
  const contract = edgeContract(t);
  const named = [...contract.services.values()].map((service) => [
    service.fullName,
    shortNameOf(contract, service),
  ]);
  const names = new Map(named as [string, string][]);
  assert.equal(names.get("one.TwinService"), "one.Twin");
  assert.equal(names.get("two.TwinService"), "two.Twin");
  assert.equal(names.get("octaneapi.ApiItemService"), "ApiItem");
  assert.equal(names.get("Bare"), "Bare");
});

test("no short name is a path segment that is taken", () => {
  assert.deepEqual([...reservedNames].sort(), [...reservedSegments].sort());
});

test("a service whose one path serves two protocols shows the replies of both", (t) => {
  const { paths } = documentOf(edgeContract(t));
  const content = paths["/Bare/ask"]?.post?.responses["200"]?.content?.["application/json"] as {
    schema: { anyOf: unknown[] };
  };
  assert.equal(content.schema.anyOf.length, 2);
  const stream = paths["/Bare/listen"]?.post?.responses["200"]?.content ?? {};
  assert.deepEqual(Object.keys(stream), [
    "text/event-stream",
    "application/x-ndjson",
    "application/connect+json",
  ]);
});

test("every route of the proxy's own is there, and nothing that it does not serve", () => {
  const contract = createContracts({ protoDirs: [], descriptorSets: [] }).of("beta2");
  const { paths } = documentOf(contract, { services: [] });
  const ofOctane = createOctaneRoutes({
    session: { contract },
    options: {},
    version: "1.2.3",
    isSimulator: false,
  } as OctaneRoutesInit);
  const shared = createSharedRoutes({ staticDir: undefined, clientLogDir: "/nonexistent" }, () => []);
  const routes = [...ofOctane, ...shared.routes];
  const render = createRenderRoutes({} as RenderFeed);
  const served = [...routes.map((route) => `${route.method} ${route.path}`)];
  served.push(...render.routes.map((route) => `${route.method} ${route.path}`));
  served.push(...render.upgrades.map((upgrade) => `GET ${upgrade.path}`));
  served.push(`POST ${createTicketRoute(createTickets(), new Set()).path}`);
  const feeds = () => [];
  const operations = createOperations({
    ...{ version: "1.2.3", callLog: createCallLog(), meter: createCallMeter(), feeds },
    ...{ counters: createLimitCounters(), logger: createLogger({ level: "silent", format: "json" }) },
    options: { token: undefined, tls: undefined, simulator: undefined },
  });
  void operations.close();
  served.push(...operations.routes.map((route) => `${route.method} ${route.path}`));
  const ofServices = /^(GET|POST) (\/api\/grpc|\/ws)?\/:service\/:method$/;
  const ofPages = new Set(
    [
      "/",
      "/console",
      "/console/assets/:name",
      "/docs",
      ...["page.js", "page.css", "swagger-ui-bundle.js", "swagger-ui.css"].map((file) => `/docs/${file}`),
    ].map((path) => `GET ${path}`),
  );
  const expected = served.filter((route) => !ofServices.test(route) && !ofPages.has(route));
  const documented = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`),
  );
  assert.deepEqual(documented.sort(), [...new Set(expected)].sort());
});

test("comments of the .proto describe services, methods, fields and enum values", () => {
  const contract = createContracts({ protoDirs: [genericProtoDir], descriptorSets: [] }).of("beta2");
  const document = documentOf(contract);
  const operation = document.paths["/Everything/Echo"]?.post as unknown as { summary: string };
  assert.equal(operation.summary, "Answers with what it was sent.");
  const schemas = document.components.schemas as Record<
    string,
    { properties: Record<string, { description: string }> }
  >;
  const field = schemas["generic.v1.Failure-request"]?.properties.code;
  assert.equal(field?.description, "gRPC status number.");
  const item = document.tags.find(({ name }) => name === "ApiItem");
  assert.match(item?.description ?? "", /attribute/);
});

test("only a proxy with a token asks for one, and not for its pages", () => {
  const contract = createContracts({ protoDirs: [], descriptorSets: [] }).of("beta2");
  const closed = documentOf(contract, { needsToken: true, services: [] });
  const page = closed.paths["/docs/"]?.get;
  assert.deepEqual(closed.security, [{ token: [] }]);
  assert.deepEqual(closed.components.securitySchemes, { token: { type: "http", scheme: "bearer" } });
  assert.deepEqual(page?.security, []);
  assert.equal("security" in documentOf(contract, { services: [] }), false);
});
