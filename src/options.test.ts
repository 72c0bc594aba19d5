import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { isLoopback, OptionError, type ProxyOptions, resolveOptions } from "./options.ts";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "octane-proxy-test-"));
  writeFileSync(join(folder, "file"), "x");
});
after(() => rmSync(folder, { recursive: true }));

describe("resolving options", () => {
  test("several Octanes have a name each, and files of their own", () => {
    const { octanes } = resolveOptions({
      octane: ["studio=box", "laptop=[::1]:7"],
      record: join(folder, "session.rec"),
      exportDir: folder,
    });
    assert.deepEqual(octanes, [
      {
        name: "studio",
        address: "box:51022",
        record: join(folder, "session.studio.rec"),
        recordDir: undefined,
        exportDir: join(folder, "studio"),
      },
      {
        name: "laptop",
        address: "[::1]:7",
        record: join(folder, "session.laptop.rec"),
        recordDir: undefined,
        exportDir: join(folder, "laptop"),
      },
    ]);
  });

  test("one Octane needs no name and may have one", () => {
    for (const [octane, name] of [
      ["box:1", "default"],
      [["box:1"], "default"],
      ["studio=box:1", "studio"],
    ] as const) {
      const [only, ...more] = resolveOptions({ octane, exportDir: folder }).octanes;
      assert.deepEqual([only.name, only.address, only.exportDir, more], [name, "box:1", folder, []]);
    }
  });

  test("fills in every default", () => {
    const { clientLogDir, logFormat, inContainer, ...rest } = resolveOptions({});
    assert.deepEqual(rest, {
      host: "127.0.0.1",
      port: 51023,
      listen: true,
      octanes: [
        {
          name: "default",
          address: undefined,
          record: undefined,
          recordDir: undefined,
          exportDir: undefined,
        },
      ],
      simulator: undefined,
      proto: [],
      descriptorSet: [],
      cacheDir: undefined,
      reflection: false,
      generation: "auto",
      transport: "native",
      allowOrigin: [],
      allowHost: [],
      token: undefined,
      tls: undefined,
      readOnly: false,
      safe: false,
      allowMethod: [],
      denyMethod: [],
      maxCalls: 512,
      maxCallsPerClient: 256,
      maxQueuedCalls: 512,
      queueTimeoutMs: 10_000,
      maxRate: undefined,
      maxMessageBytes: 32 * 1024 * 1024,
      headersTimeoutMs: 10_000,
      requestTimeoutMs: 60_000,
      drainTimeoutMs: 5_000,
      timeoutMs: 30_000,
      maxBodyBytes: 33_554_432,
      strict: false,
      staticDir: undefined,
      logLevel: "info",
      slowCallMs: undefined,
      logFile: undefined,
      logger: undefined,
      octaneTls: undefined,
      exportDir: undefined,
      exportEvery: 1,
      exportMaxFiles: 1000,
      exportMaxBytes: 2_147_483_648,
      maxViewers: 64,
      cameraRate: 30,
      record: undefined,
      recordDir: undefined,
      recordMaxBytes: 1_073_741_824,
    });
    assert.ok(isAbsolute(clientLogDir));
    assert.equal(inContainer, existsSync("/.dockerenv"));
    assert.ok(logFormat === "pretty" || logFormat === "json");
  });

  test("freezes the result, its lists included", () => {
    const resolved = resolveOptions({ allowHost: ["box"], simulator: true });
    for (const part of [resolved, resolved.allowHost, resolved.proto, resolved.simulator]) {
      assert.ok(Object.isFrozen(part));
    }
  });

  test("an explicit undefined counts as absent", () => {
    const options = { port: undefined, token: undefined } as unknown as ProxyOptions;
    assert.equal(resolveOptions(options).port, 51023);
  });

  test("makes paths absolute and drops repeated ones", () => {
    assert.deepEqual(resolveOptions({ proto: [folder, folder] }).proto, [folder]);
    assert.deepEqual(resolveOptions({ descriptorSet: [join(folder, "file")] }).descriptorSet, [
      join(folder, "file"),
    ]);
    assert.equal(resolveOptions({ exportDir: join(folder, "new") }).exportDir, join(folder, "new"));
  });

  test("the simulator takes a free port, and its generation becomes the proxy's", () => {
    const plain = resolveOptions({ simulator: true });
    assert.deepEqual(plain.simulator, {
      host: "127.0.0.1",
      port: 0,
      generation: "beta2",
      fps: 20,
      pattern: false,
    });
    assert.equal(plain.generation, "beta2");
    assert.equal(resolveOptions({ simulator: true, generation: "alpha5" }).simulator?.generation, "alpha5");
    assert.equal(resolveOptions({ simulator: { generation: "alpha5" } }).generation, "alpha5");
    assert.equal(resolveOptions({ simulator: false, octane: "box" }).octanes[0].address, "box:51022");
  });
});

describe("an option that cannot be", () => {
  const cases: [name: string, options: () => object, option: string, accepted: RegExp][] = [
    ["a port out of range", () => ({ port: 70000 }), "port", /a port from 0 to 65535/],
    ["a port as text", () => ({ port: "80" }), "port", /a port from 0 to 65535/],
    ["a foreign address without a token", () => ({ host: "0.0.0.0" }), "host", /loopback.*token/],
    ["a host name without a token", () => ({ host: "box.example" }), "host", /loopback.*token/],
    ["an unknown option", () => ({ maxbody: 5 }), "maxbody", /perhaps maxBodyBytes/],
    [
      "an unknown simulator option",
      () => ({ simulator: { fsp: 5 } }),
      "simulator.fsp",
      /perhaps simulator.fps/,
    ],
    ["a single directory instead of a list", () => ({ proto: folder }), "proto", /a list/],
    ["a directory that is not there", () => ({ proto: [join(folder, "no")] }), "proto", /nothing at/],
    ["a file as a directory", () => ({ staticDir: join(folder, "file") }), "staticDir", /is a file/],
    ["a directory as a file", () => ({ descriptorSet: [folder] }), "descriptorSet", /is a directory/],
    ["a directory as the log file", () => ({ logFile: folder }), "logFile", /is a directory/],
    ["a file as the export directory", () => ({ exportDir: join(folder, "file") }), "exportDir", /is a file/],
    ["an origin with a path", () => ({ allowOrigin: ["http://box/x"] }), "allowOrigin", /no path/],
    ["a hole in a list", () => ({ allowHost: [undefined] }), "allowHost", /host name/],
    [
      "simulator and octane at once",
      () => ({ simulator: true, octane: "box" }),
      "octane",
      /one or the other/,
    ],
    [
      "several Octanes, one without a name",
      () => ({ octane: ["a=box", "box:2"] }),
      "octane",
      /a name for each/,
    ],
    ["two Octanes of a name", () => ({ octane: ["a=box", "A=box:2"] }), "octane", /no other Octane has/],
    ["an Octane with a name of blanks", () => ({ octane: "a b=box" }), "octane", /a name of 1 to 64 letters/],
    ["an Octane with an empty name", () => ({ octane: ["=box"] }), "octane", /a name of 1 to 64 letters/],
    ["a number as an Octane", () => ({ octane: 51022 }), "octane", /HOST:PORT/],
    [
      "a file and a directory for recordings",
      () => ({ record: join(folder, "new.rec"), recordDir: folder }),
      "recordDir",
      /no directory together/,
    ],
    [
      "two generations",
      () => ({ generation: "beta2", simulator: { generation: "alpha5" } }),
      "simulator.generation",
      /beta2/,
    ],
    ["a number as the simulator", () => ({ simulator: 5 }), "simulator", /true, false or an object/],
    ["a path as a certificate", () => ({ octaneTls: { ca: "/etc/ca.pem" } }), "octaneTls.ca", /PEM text/],
    [
      "a certificate without its key",
      () => ({ octaneTls: { cert: "-----BEGIN CERTIFICATE-----" } }),
      "octaneTls.key",
      /together/,
    ],
    ["a timeout in seconds as text", () => ({ timeoutMs: "30s" }), "timeoutMs", /milliseconds/],
    ["an unknown level", () => ({ logLevel: "loud" }), "logLevel", /debug, info, warn, error, silent/],
  ];
  for (const [name, options, option, accepted] of cases) {
    test(`${name} is refused by name`, () => {
      assert.throws(
        () => resolveOptions(options() as ProxyOptions),
        (error) => {
          assert.ok(error instanceof OptionError);
          assert.equal(error.option, option);
          assert.match(error.accepted, accepted);
          assert.match(error.message, new RegExp(`option ${option.replace(".", "\\.")}: got `));
          return true;
        },
      );
    });
  }

  test("a token that is not acceptable is not shown", () => {
    assert.throws(
      () => resolveOptions({ token: "my secret" }),
      (error) =>
        error instanceof OptionError && !JSON.stringify([error.message, error]).includes("my secret"),
    );
  });
});

test("loopback addresses are told from others", () => {
  for (const host of ["127.0.0.1", "127.9.8.7", "::1", "localhost", "LOCALHOST"])
    assert.ok(isLoopback(host), host);
  for (const host of ["0.0.0.0", "::", "10.0.0.1", "localhost.evil", "127.0.0.1.evil", "1270.0.0.1"]) {
    assert.ok(!isLoopback(host), host);
  }
});
