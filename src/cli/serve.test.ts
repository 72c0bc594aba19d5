import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { startCli, startNode } from "../../test/cli-process.ts";
import { FailureError } from "./command.ts";
import { explainListenFailure } from "./listen-failure.ts";

function start(t: TestContext, ...args: Parameters<typeof startCli>) {
  const cli = startCli(...args);
  t.after(() => cli.stop());
  return cli;
}

/** A port that somebody else has. */
async function takePort(t: TestContext): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return (server.address() as { port: number }).port;
}

describe("serve", () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`prints one line with its address, answers there, and ends with 0 on ${signal}`, async (t) => {
      const cli = start(t, ["--port", "0", "--octane", "127.0.0.1:9"]);
      const line = await cli.nextLine();
      const url = /listening on (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1];
      assert.ok(url, line);
      const health = await fetch(`${url}/health`);
      assert.equal(health.status, 200);
      assert.equal(((await health.json()) as { status: unknown }).status, "ok");
      cli.child.kill(signal);
      const { code, stdout } = await cli.ended;
      assert.equal(code, 0);
      assert.equal(stdout, `${line}\n`);
    });
  }

  test("a port that is taken ends it with 1 and says how to take another", async (t) => {
    const port = await takePort(t);
    const { code, stdout, stderr } = await start(t, ["serve", "--port", String(port)]).ended;
    // Alone: nothing was begun that could have something to say.
    assert.match(
      stderr,
      new RegExp(`^octane-proxy: port ${port} on 127\\.0\\.0\\.1 is taken.*--port \\d+.*--port 0\\n$`),
    );
    assert.doesNotMatch(stderr, /\n {4}at /);
    assert.deepEqual([code, stdout], [1, ""]);
  });

  test("takes its port from the environment, and a flag over it", async (t) => {
    const port = await takePort(t);
    const env = { OCTANE_PROXY_PORT: String(port), OCTANE_HOST: "127.0.0.1", OCTANE_PORT: "9" };
    assert.equal((await start(t, [], { env }).ended).code, 1);
    assert.match(await start(t, ["--port", "0"], { env }).nextLine(), /listening on/);
  });

  test("takes options from the config file in the working directory", async (t) => {
    const cwd = mkdtempSync(join(tmpdir(), "octane-proxy-test-"));
    t.after(() => rmSync(cwd, { recursive: true }));
    writeFileSync(
      join(cwd, "octane-proxy.config.yaml"),
      "port: 0\noctane: 127.0.0.1:9\nallowHost: [render-box]\n",
    );
    const cli = start(t, [], { cwd });
    assert.match(await cli.nextLine(), /listening on http:\/\/127\.0\.0\.1:\d+$/);
  });

  test("points out that an open address answers only names that are allowed", async (t) => {
    const cli = start(t, [
      "--port",
      "0",
      "--host",
      "0.0.0.0",
      "--token",
      "secret-of-the-test",
      "--octane",
      "127.0.0.1:9",
    ]);
    assert.match(await cli.nextLine(), /listening on http:\/\/0\.0\.0\.0:\d+$/);
    cli.child.kill("SIGTERM");
    const { code, stderr } = await cli.ended;
    assert.match(stderr, /add --allow-host/);
    assert.doesNotMatch(stderr, /secret-of-the-test/);
    assert.equal(code, 0);
  });

  test("--simulator serves an Octane that answers", async (t) => {
    const cli = start(t, ["--simulator", "--port", "0"]);
    const url = /http:\S+/.exec(await cli.nextLine())?.[0];
    const reply = await fetch(`${url}/LiveLink/GetCamera`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    assert.equal(reply.status, 200);
    assert.equal(((await reply.json()) as { success: unknown }).success, true);
    cli.child.kill("SIGTERM");
    assert.equal((await cli.ended).code, 0);
  });
});

describe("simulate", () => {
  test("prints one line with its address and ends with 0 on a signal", async (t) => {
    const cli = start(t, ["simulate", "--port", "0", "--generation", "alpha5", "--log-level", "warn"]);
    const line = await cli.nextLine();
    const address = /listening on (127\.0\.0\.1:\d+)$/.exec(line)?.[1];
    assert.ok(address, line);
    const doctor = await start(t, ["doctor", "--octane", address]).ended;
    assert.match(doctor.stdout, /^ok +generation +.*\(alpha5\)$/m);
    assert.equal(doctor.code, 0, doctor.stdout);
    cli.child.kill("SIGINT");
    const { code, stdout } = await cli.ended;
    assert.deepEqual([code, stdout], [0, `${line}\n`]);
  });

  test("a port that is taken ends it with 1 and says how to take another", async (t) => {
    const port = await takePort(t);
    const { code, stderr } = await start(t, ["simulate", "--port", String(port)]).ended;
    assert.match(stderr, new RegExp(`port ${port} on 127\\.0\\.0\\.1 is taken.*--port 0`));
    assert.equal(code, 1);
  });

  test("a host that does not resolve ends it with 1 and says what --host takes", async (t) => {
    // No DNS server is asked for an address with a number too large.
    const { code, stdout, stderr } = await start(t, ["simulate", "--host", "999.1.1.1", "--port", "0"]).ended;
    assert.equal(
      stderr,
      "octane-proxy: the name 999.1.1.1 does not resolve: give --host an address of this machine\n",
    );
    assert.deepEqual([code, stdout], [1, ""]);
  });
});

describe("stopping", () => {
  const module = new URL("./stop-signal.js", import.meta.url).href;
  const script = `
    const { createStopSignal } = await import(${JSON.stringify(module)});
    const stop = createStopSignal();
    setInterval(() => {}, 1e6);
    process.stdout.write("ready\\n");
    await stop.received;
    process.stdout.write("draining\\n");
  `;
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    test(`a second ${signal} ends a drain that does not finish, at once and with ${code}`, async (t) => {
      const process = startNode(["--input-type=module", "-e", script]);
      t.after(() => process.stop());
      assert.equal(await process.nextLine(), "ready");
      process.child.kill(signal);
      assert.equal(await process.nextLine(), "draining");
      process.child.kill(signal);
      assert.equal((await process.ended).code, code);
    });
  }
});

describe("a failure to listen says what to do", () => {
  const target = { host: "10.0.0.9", port: 80 };
  const cases: [code: string, advice: RegExp][] = [
    ["EADDRINUSE", /port 80 on 10\.0\.0\.9 is taken.*--port 180.*--port 0/],
    ["EACCES", /no right to listen on port 80.*--port 0/],
    ["EADDRNOTAVAIL", /10\.0\.0\.9 is no address of this machine/],
    ["ENOTFOUND", /the name 10\.0\.0\.9 does not resolve/],
  ];
  for (const [code, advice] of cases) {
    test(code, () => {
      const plain = Object.assign(new Error("listen"), { code });
      const wrapped = new Error("cannot start", { cause: plain });
      const told = new Error(`Failed to bind: [listen ${code}: whatever]`);
      for (const error of [plain, wrapped, told]) {
        const explained = explainListenFailure(error, target);
        assert.ok(explained instanceof FailureError);
        assert.match(explained.message, advice);
      }
    });
  }

  test("another error stays as it is", () => {
    const error = new Error("other");
    assert.equal(explainListenFailure(error, target), error);
  });
});
