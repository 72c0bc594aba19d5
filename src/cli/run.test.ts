import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { runCli } from "../../test/cli-process.ts";
import { flagSyntax } from "../options/option-row.ts";
import { commands } from "./commands.ts";
import { rowsOf } from "./settings.ts";

let folder = "";
let freePort = 0;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "octane-proxy-test-"));
  writeFileSync(join(folder, "garbage.binpb"), "no descriptor set");
  freePort = await findFreePort();
});
after(() => rmSync(folder, { recursive: true }));

/** A port on which nothing listens any more. */
async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

test("--version prints the package's version", async () => {
  const manifest = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  assert.deepEqual(await runCli(["--version"]), { code: 0, stdout: `${manifest.version}\n`, stderr: "" });
});

describe("help", () => {
  for (const command of commands) {
    test(`of ${command.name} lists its options, grouped, with examples`, async () => {
      const [asked, flag] = await Promise.all([
        runCli(["help", command.name]),
        runCli([command.name, "--help"]),
      ]);
      assert.equal(asked.code, 0);
      assert.deepEqual(asked, flag);
      for (const [, row] of rowsOf(command.name)) {
        const syntax = flagSyntax(row).replace("…", "").replace(/ (.*)/, " <$1>");
        assert.ok(asked.stdout.includes(`  ${syntax}`), syntax);
      }
      assert.ok(command.examples.length > 0);
      for (const { line } of command.examples) assert.ok(asked.stdout.includes(line), line);
    });
  }

  test("of the program lists the commands and the options of serve", async () => {
    const { code, stdout } = await runCli(["--help"]);
    assert.equal(code, 0);
    const lines = stdout.split("\n").map((line) => line.trim().replace(/ {2,}/, " "));
    for (const { name, summary } of commands) assert.ok(lines.includes(`${name} ${summary}`), name);
    assert.match(stdout, /^Listening:\n {2}--host <ADDRESS>/m);
  });
});

describe("wrong usage ends with 2, prints nothing to standard output and says what is accepted", () => {
  const cases: [name: string, args: () => string[], stderr: RegExp][] = [
    [
      "an unknown flag",
      () => ["--prto", "x"],
      /unknown option --prto; did you mean --proto\?\naccepted by serve: .*--port/,
    ],
    [
      "an unknown command",
      () => ["serv"],
      /unknown command "serv"; did you mean serve\?\naccepted: serve, simulate/,
    ],
    ["help for an unknown command", () => ["help", "docter"], /did you mean doctor\?/],
    ["a wrong value", () => ["--port", "http"], /--port: got "http"; expected a port from 0 to 65535/],
    [
      "a foreign host without a token",
      () => ["--host", "0.0.0.0"],
      /--host: got "0\.0\.0\.0"; expected .*unless a token/,
    ],
    [
      "a directory that is not there",
      () => ["--proto", "nowhere"],
      /--proto: got "nowhere"; expected an existing directory/,
    ],
    ["a flag of another command", () => ["doctor", "--max-body", "1mb"], /unknown option --max-body/],
    ["a command after flags", () => ["--port", "0", "doctor"], /the command comes first/],
    ["an unknown service", () => ["contract", "ApiItme"], /no service "ApiItme"; did you mean .*ApiItem/],
    [
      "a descriptor set that is none",
      () => ["contract", "--descriptor-set", join(folder, "garbage.binpb")],
      /garbage\.binpb/,
    ],
    ["a config file that is not there", () => ["--config", "nowhere.yaml"], /--config: got "nowhere\.yaml"/],
  ];
  for (const [name, args, stderr] of cases) {
    test(name, async () => {
      const result = await runCli(args());
      assert.match(result.stderr, stderr);
      assert.match(result.stderr, /^octane-proxy: /);
      assert.deepEqual([result.code, result.stdout], [2, ""]);
    });
  }

  test("an unknown key in the config file that lies in the working directory", async () => {
    writeFileSync(join(folder, "octane-proxy.config.yaml"), "prot: 5\n");
    const result = await runCli(["contract"], { cwd: folder });
    rmSync(join(folder, "octane-proxy.config.yaml"));
    assert.equal(result.code, 2);
    assert.match(result.stderr, /octane-proxy\.config\.yaml has no option "prot"; did you mean "port"\?/);
  });

  test("a wrong variable", async () => {
    const result = await runCli(["doctor"], { env: { OCTANE_PROXY_OCTANE: "http://box" } });
    assert.equal(result.code, 2);
    assert.match(
      result.stderr,
      /OCTANE_PROXY_OCTANE: got "http:\/\/box"; expected HOST:PORT, or NAME=HOST:PORT/,
    );
  });
});

describe("contract", () => {
  test("lists both generations with totals, sources and services", async () => {
    const { code, stdout } = await runCli(["contract"]);
    assert.equal(code, 0);
    assert.match(stdout, /\(alpha5\): 24 services, 579 RPCs/);
    assert.match(stdout, /\(beta2\): 24 services, 478 RPCs/);
    assert.match(stdout, /^ {2}octaneapi\.ApiItemService +\d+ RPCs +built-in$/m);
    assert.match(stdout, /nothing was left out/);
  });

  test("lists one generation as JSON", async () => {
    const { code, stdout } = await runCli(["contract", "--json", "--generation", "beta2"]);
    const { contracts } = JSON.parse(stdout);
    assert.equal(code, 0);
    assert.equal(contracts.length, 1);
    const [{ generation, sources, services, leftOut }] = contracts;
    assert.equal(generation, "beta2");
    assert.deepEqual([sources.length, sources[0].source, sources[0].methods], [1, "built-in", 478]);
    assert.deepEqual(leftOut, []);
    const item = services.find(({ name }: { name: string }) => name === "octaneapi.ApiItemService");
    assert.ok(item.methods.includes("getValueByAttrID"));
  });

  test("tells what a directory gave, and what was left out with file, line and reason", async () => {
    writeFileSync(
      join(folder, "good.proto"),
      'syntax = "proto3";\npackage mine;\nmessage M {}\nservice Good { rpc Do(M) returns (M); }\n',
    );
    writeFileSync(join(folder, "bad.proto"), 'syntax = "proto3";\nmessage Broken {\n  string = 1;\n}\n');
    const args = ["contract", "--proto", folder, "--generation", "alpha5"];
    const { code, stdout } = await runCli(args);
    assert.equal(code, 0);
    assert.match(stdout, /^ {2}mine\.Good +1 RPC +.*good\.proto$/m);
    assert.match(stdout, /^left out\n {2}.*bad\.proto:3: \S/m);
  });

  test("lists the RPCs of a service", async () => {
    const { code, stdout } = await runCli(["contract", "ApiItem", "--generation", "beta2"]);
    assert.equal(code, 0);
    assert.match(stdout, /^octaneapi\.ApiItemService of .*: \d+ RPCs, from built-in$/m);
    assert.match(stdout, /^ {2}getValueByAttrID +octaneapi\.\S+ → octaneapi\.\S+/m);
  });

  test("--reflection lists what the server itself tells", async (t) => {
    const file = join(folder, "told.proto");
    writeFileSync(
      file,
      'syntax = "proto3";\npackage told;\nmessage M {}\nservice Teller { rpc Tell(M) returns (stream M); }\n',
    );
    const server = new grpc.Server();
    new ReflectionService(loadSync(file)).addToServer(server);
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    t.after(() => server.forceShutdown());
    const address = `127.0.0.1:${port}`;
    const { code, stdout } = await runCli([
      "contract",
      "Teller",
      "--reflection",
      "--octane",
      address,
      "--json",
    ]);
    assert.equal(code, 0);
    const { services } = JSON.parse(stdout);
    assert.deepEqual(services[0].methods, [
      { name: "Tell", kind: "server_streaming", request: "told.M", reply: "told.M", readsOnly: false },
    ]);
    assert.deepEqual([services[0].name, services[0].source], ["told.Teller", "reflection"]);
  });

  test("--reflection without a server fails with advice", async () => {
    const { code, stderr } = await runCli(["contract", "--reflection", "--octane", `127.0.0.1:${freePort}`]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /--reflection needs a server, and 127\.0\.0\.1:\d+ did not answer.*octane-proxy doctor/,
    );
  });
});
