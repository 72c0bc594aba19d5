import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { createContracts } from "../../src/contract/create-contracts.ts";
import { reflectFiles } from "../../src/contract/reflection.ts";
import { silentLogger } from "../../src/observe/logger.ts";
import { packageRoot } from "../../src/package.ts";
import { createUpstream } from "../../src/upstream/create-upstream.ts";

describe("reflection against a server of another make", () => {
  const server = new grpc.Server();
  let address = "";

  before(async () => {
    const includeDirs = ["shared", "beta2"].map((folder) =>
      fileURLToPath(new URL(`proto/${folder}`, packageRoot)),
    );
    const files = ["octaneapi/api_item.proto", "livelinkapi/live_link.proto"];
    new ReflectionService(loadSync(files, { includeDirs, keepCase: true })).addToServer(server);
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    address = `127.0.0.1:${port}`;
  });
  after(() => server.forceShutdown());

  it("gives its services through the real upstream", async () => {
    const upstream = createUpstream({ candidates: [address], tls: undefined, logger: silentLogger });
    try {
      await upstream.ready(AbortSignal.timeout(10_000));
      const reflected = await reflectFiles(upstream, { timeoutMs: 10_000 });
      const contracts = createContracts({ reflected });
      assert.equal(contracts.decidedGeneration, "beta2");
      const contract = contracts.of("beta2");
      assert.deepEqual(contract.report.leftOut, []);
      for (const name of ["octaneapi.ApiItemService", "livelinkapi.LiveLinkService"]) {
        assert.equal(contract.services.get(name)?.source, "reflection");
      }
      const method = contract.services.get("octaneapi.ApiItemService")?.methods.get("setValueByAttrID");
      const evaluate = method?.desc.input.fields.find((field) => field.name === "evaluate");
      assert.equal(evaluate?.number, 3);
    } finally {
      await upstream.close();
    }
  });
});
