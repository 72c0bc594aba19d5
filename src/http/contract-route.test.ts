import assert from "node:assert/strict";
import { test } from "node:test";
import { startHttp } from "../../test/http-fixture.ts";
import { createContracts } from "../contract/create-contracts.ts";

test("/contract lists what can be called now, and where it came from", async (t) => {
  const contracts = createContracts({ protoDirs: [], descriptorSets: [] });
  const session = { contract: contracts.of("beta2") };
  const { server } = await startHttp(t, { session });
  const read = async () => {
    const response = await fetch(`${server.url}/contract`);
    assert.equal(response.status, 200);
    return (await response.json()) as {
      generation: string;
      services: { name: string; source: string; methods: Record<string, unknown>[] }[];
      sources: unknown[];
      leftOut: unknown[];
    };
  };
  const beta2 = await read();
  assert.equal(beta2.generation, "beta2");
  const liveLink = beta2.services.find(({ name }) => name === "livelinkapi.LiveLinkService");
  assert.equal(liveLink?.source, "built-in");
  assert.deepEqual(
    liveLink?.methods.find(({ name }) => name === "GetCamera"),
    {
      name: "GetCamera",
      kind: "unary",
      readsOnly: true,
      request: "livelinkapi.Empty",
      reply: "livelinkapi.CameraState",
    },
  );
  assert.ok(beta2.sources.length > 0);
  assert.deepEqual(beta2.leftOut, []);
  session.contract = contracts.of("alpha5");
  assert.equal((await read()).generation, "alpha5");
});
