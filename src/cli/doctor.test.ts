import assert from "node:assert/strict";
import { createServer } from "node:net";
import { describe, type TestContext, test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import * as grpc from "@grpc/grpc-js";
import { runCli } from "../../test/cli-process.ts";
import { loadBuiltIn } from "../contract/built-in.ts";
import type { Generation } from "../contract/contract.ts";

const raw = {
  requestStream: false,
  responseStream: false,
  requestSerialize: (bytes: Buffer) => bytes,
  requestDeserialize: (bytes: Buffer) => bytes,
  responseSerialize: (bytes: Buffer) => bytes,
  responseDeserialize: (bytes: Buffer) => bytes,
};

const contract = loadBuiltIn("beta2");

/** A gRPC server that answers these methods (`ApiInfo/octaneName`) with these replies and no other. */
async function startServer(t: TestContext, replies: Record<string, object | grpc.status>): Promise<string> {
  const server = new grpc.Server();
  for (const [name, reply] of Object.entries(replies)) {
    const [service = "", method = ""] = name.split("/");
    const found = contract.services.get(`octaneapi.${service}Service`)?.methods.get(method);
    assert.ok(found, name);
    server.addService(
      { [name]: { ...raw, path: found.path } },
      {
        [name]: (_call: unknown, callback: grpc.sendUnaryData<Buffer>) =>
          typeof reply === "number"
            ? callback({ code: reply, details: "not now" })
            : callback(
                null,
                Buffer.from(toBinary(found.desc.output, create(found.desc.output, { ...reply }))),
              ),
      },
    );
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  t.after(() => server.forceShutdown());
  return `127.0.0.1:${port}`;
}

function octane(generation: Generation, size = { x: 1920, y: 1080 }): Record<string, object> {
  return {
    "ApiInfo/octaneVersion": { result: 15000005 },
    "ApiInfo/octaneName": { result: "a test server" },
    "ApiRenderEngine/getRenderStatistics": { statistics: { usedSize: size } },
    ...(generation === "beta2" ? { "ApiControl/getWebRTCStatus": {} } : {}),
  };
}

async function runDoctor(...args: string[]) {
  const { code, stdout, stderr } = await runCli(["doctor", "--json", ...args]);
  const { ok, checks } = JSON.parse(stdout);
  const states = Object.fromEntries(
    checks.map((c: { check: string; status: string }) => [c.check, c.status]),
  );
  const find = (name: string) => checks.find(({ check }: { check: string }) => check === name);
  return { code, ok, stderr, states, find };
}

describe("doctor", () => {
  for (const generation of ["alpha5", "beta2"] as const) {
    test(`is content with an Octane of ${generation}`, async (t) => {
      const address = await startServer(t, octane(generation));
      const { code, stdout } = await runCli(["doctor", "--octane", address]);
      assert.match(stdout, /^ok +grpc +127\.0\.0\.1:\d+ answers gRPC/m);
      assert.match(stdout, /^ok +octane +it is a test server, version 15000005$/m);
      assert.match(stdout, new RegExp(`^ok +generation +speaks the API of .*\\(${generation}\\)$`, "m"));
      assert.match(
        stdout,
        /^ok +message size +a 1920x1080 frame has at most 32 MiB, messages up to 256 MiB/m,
      );
      assert.match(stdout, /all is well\n$/);
      assert.equal(code, 0);
    });
  }

  test("tells a generation that is not the one asked for", async (t) => {
    const { code, find } = await runDoctor(
      "--octane",
      await startServer(t, octane("beta2")),
      "--generation",
      "alpha5",
    );
    assert.equal(find("generation").status, "failed");
    assert.match(find("generation").advice.join(), /leave --generation out/);
    assert.equal(code, 1);
  });

  test("tells a frame that is larger than a message may be", async (t) => {
    const { code, states } = await runDoctor(
      "--octane",
      await startServer(t, octane("beta2", { x: 8192, y: 8192 })),
    );
    assert.equal(states["message size"], "failed");
    assert.equal(code, 1);
  });

  test("tells an Octane that fails", async (t) => {
    const address = await startServer(t, { "ApiInfo/octaneVersion": grpc.status.INTERNAL });
    const { code, states, find } = await runDoctor("--octane", address);
    assert.deepEqual([states.grpc, states.octane, states.generation], ["ok", "failed", "skipped"]);
    assert.match(find("octane").text, /asking for Octane's version failed: .*not now/);
    assert.equal(code, 1);
  });

  test("tells a gRPC server that is not Octane", async (t) => {
    const { code, states, find } = await runDoctor("--octane", await startServer(t, {}));
    assert.deepEqual([states.grpc, states.octane, states.generation], ["ok", "failed", "skipped"]);
    assert.match(find("octane").text, /not Octane's LiveLink/);
    assert.equal(code, 1);
  });

  test("tells a program on the port that does not speak gRPC", async (t) => {
    const server = createServer((socket) => {
      socket.on("error", () => {
        // the doctor hangs up on what is no gRPC
      });
      socket.resume().end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => server.close());
    const { port } = server.address() as { port: number };
    const { code, states, find } = await runDoctor("--octane", `127.0.0.1:${port}`);
    assert.deepEqual([states.port, states.grpc, states.octane], ["ok", "failed", "skipped"]);
    assert.match(find("grpc").advice.join(), /another program may have the port/);
    assert.equal(code, 1);
    // freed: the same port is now the case of Octane not running
    await new Promise((resolve) => server.close(resolve));
    const away = await runDoctor("--octane", `127.0.0.1:${port}`);
    assert.deepEqual([away.states.name, away.states.port, away.states.grpc], ["ok", "failed", "skipped"]);
    assert.match(away.find("port").text, /nothing listens on/);
    assert.match(away.find("port").advice.join(), /Help → LiveLink/);
    assert.deepEqual([away.code, away.ok], [1, false]);
  });

  test("tells a name that does not resolve", async () => {
    const { code, states } = await runDoctor("--octane", "no-such-host.invalid:51022");
    assert.deepEqual([states.name, states.port, states.grpc], ["failed", "skipped", "skipped"]);
    assert.equal(code, 1);
  });
});
