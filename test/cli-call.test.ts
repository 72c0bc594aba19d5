import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createProxy, type ProxyHandle } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { type GenericServer, genericProtoDir, startGenericServer } from "./generic-server.ts";

const token = "a-token-of-the-test";
const entry = fileURLToPath(new URL("../src/cli/main.js", import.meta.url));

suite("octane-proxy call", () => {
  let server: GenericServer;
  let proxy: ProxyHandle;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "octane-proxy-call-"));
    writeFileSync(join(folder, "token"), `${token}\n`);
    server = await startGenericServer();
    proxy = await createProxy({
      port: 0,
      octane: server.address,
      proto: [genericProtoDir],
      token,
      logger: silentLogger,
    });
    await proxy.ready();
  });
  after(async () => {
    await proxy.close();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const call = (args: readonly string[], input = "") =>
    run(["call", ...args, "--url", proxy.url, "--token-file", join(folder, "token")], input);

  test("prints the reply, indented or on one line, and keeps every digit of the request", async () => {
    const params = '{"an_int64": 9007199254740993}';
    const pretty = await call(["Everything/Echo", params]);
    assert.equal(pretty.code, 0, pretty.stderr);
    assert.match(pretty.stdout, /^ {2}"an_int64": "9007199254740993",$/m);
    const compact = await call(["Everything/Echo", params, "--json"]);
    assert.equal(compact.stdout.trim().split("\n").length, 1);
    assert.deepEqual(JSON.parse(compact.stdout), JSON.parse(pretty.stdout));
  });

  test("takes the request from standard input", async () => {
    const { stdout } = await call(
      ["generic.v1.EverythingService/Echo", "-", "--json"],
      '{\n  "a_string": "in"\n}\n',
    );
    assert.equal(JSON.parse(stdout).a_string, "in");
  });

  test("forgives one byte order mark before the request, and no second one", async () => {
    const marked = '\ufeff{"a_string": "in"}\n';
    for (const [operand, input] of [
      ["-", marked],
      [marked, ""],
    ] as const) {
      const { stdout, stderr } = await call(["Everything/Echo", operand, "--json"], input);
      assert.equal(stderr, "");
      assert.equal(JSON.parse(stdout).a_string, "in");
    }
    const { code, stderr } = await call(["Everything/Echo", "-"], `\ufeff${marked}`);
    assert.match(stderr, /line 1 of standard input: expected JSON/);
    assert.equal(code, 2);
  });

  test("prints each message of a stream, and fails with its error after them", async () => {
    const params = '{"count":2,"fail_after":{"code":9,"message":"enough","bad_field":"count"}}';
    const { code, stdout, stderr } = await call(["Everything/Count", params, "--json"]);
    assert.equal(stdout, '{"number":1,"text":""}\n{"number":2,"text":""}\n');
    assert.equal(code, 1);
    assert.match(stderr, /enough \(FAILED_PRECONDITION\)\ndetail: .*BadRequest/);
  });

  test("sends many messages, one per line", async () => {
    const { stdout, stderr } = await call(["Everything/Sum", "-", "--json"], '{"number":1}\n{"number":2}\n');
    assert.equal(stdout, '{"sum":"3","messages":2}\n', stderr);
  });

  const failures: readonly [string, readonly string[], number, RegExp][] = [
    ["a name without a method", ["Everything"], 2, /expected SERVICE\/METHOD/],
    ["params that are no JSON", ["Everything/Echo", "{a:1}"], 2, /the params: expected JSON/],
    ["an unknown method", ["Everything/Ecko"], 1, /did you mean "Echo"\?.*\noctane-proxy contract lists/],
    [
      "a wrong field",
      ["Everything/Echo", '{"an_int32":"x"}'],
      1,
      /field: an_int32\noctane-proxy describe Everything\/Echo/,
    ],
    [
      "a deadline",
      ["Everything/Hang", "--timeout", "50ms"],
      1,
      /DEADLINE_EXCEEDED\)\nallow more time with --timeout/,
    ],
  ];
  for (const [name, args, code, message] of failures) {
    test(`explains ${name}`, async () => {
      const result = await call(args);
      assert.match(result.stderr, message);
      assert.equal(result.code, code);
    });
  }

  test("explains a proxy that does not run, and a missing token", async () => {
    const away = await run(["call", "Everything/Echo", "--url", "http://127.0.0.1:1"]);
    assert.equal(away.code, 1);
    assert.match(away.stderr, /start one with octane-proxy \(without Octane: octane-proxy --simulator\)/);
    const stranger = await run(["call", "Everything/Echo", "--url", proxy.url]);
    assert.match(stranger.stderr, /UNAUTHENTICATED\)\ngive the token with --token-file/);
  });
});

suite("octane-proxy describe", () => {
  const cases: readonly [string, readonly string[], RegExp][] = [
    [
      "a service",
      ["ApiItem"],
      /^service octaneapi\.ApiItemService \{[\s\S]*\n {2}rpc name\(ApiItem\.nameRequest\) returns/m,
    ],
    [
      "a method",
      ["ApiItem/name"],
      /^rpc name\(.*\n\nof octaneapi.*only reads[\s\S]*message octaneapi\.ApiItem\.nameResponse \{\n {2}string result = 1;/m,
    ],
    [
      "a message",
      ["ObjectRef"],
      /^\/\/ .*\nmessage octaneapi\.ObjectRef \{[\s\S]*in messages\n {2}octaneapi\./m,
    ],
    ["an enum", ["AttributeTypeId"], /^ {2}ATTR_ID_BOOL = 1;$/m],
    [
      "every form of field",
      ["Everything", "--proto", genericProtoDir],
      /^service generic\.v1\.EverythingService/m,
    ],
    [
      "oneofs, maps, lists and optional fields",
      ["generic.v1.Numbered", "--proto", genericProtoDir],
      /^taken by\n {2}generic\.v1\.EverythingService\/Sum$/m,
    ],
  ];
  for (const [name, args, expected] of cases) {
    test(`shows ${name}`, async () => {
      const { code, stdout, stderr } = await run(["describe", ...args]);
      assert.equal(code, 0, stderr);
      assert.match(stdout, expected);
    });
  }

  test("gives definitions to programs", async () => {
    const { stdout } = await run(["describe", "Everything/Count", "--proto", genericProtoDir, "--json"]);
    const method = JSON.parse(stdout);
    assert.equal(method.streaming, "server_streaming");
    assert.match(method.comment, /^Sends `count` numbered replies/);
    assert.deepEqual(method.requestType.fields[0], { name: "count", number: 1, type: "int32" });
  });

  test("suggests names", async () => {
    const { code, stderr } = await run(["describe", "ApiItem/nam"]);
    assert.equal(code, 2);
    assert.match(stderr, /has no method "nam"; did you mean name/);
    assert.match((await run(["describe", "ObjctRef"])).stderr, /did you mean ObjectRef/);
  });
});

async function run(
  args: readonly string[],
  input = "",
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, [entry, ...args], { env: { PATH } });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  // a program that does not read its input may be gone before it is written
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [code] = (await once(child, "close")) as [number];
  return { code, stdout, stderr };
}
