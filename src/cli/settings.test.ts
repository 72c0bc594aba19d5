import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { OptionName } from "../options/option-table.ts";
import { UsageError } from "./command.ts";
import { readCommandLine } from "./command-line.ts";
import { commands } from "./commands.ts";
import { findConfigFile, readConfigFile } from "./config-file.ts";
import { type Environment, readEnvironment, unknownVariables } from "./environment.ts";
import { readProxyOptions } from "./proxy-options.ts";
import { mergeSettings, type SettingMap, type Settings } from "./settings.ts";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "octane-proxy-test-"));
  mkdirSync(join(folder, "protos"));
  writeFileSync(join(folder, "token.txt"), "from-file\n");
  writeFileSync(join(folder, "ca.pem"), "-----BEGIN CERTIFICATE-----\n");
});
after(() => rmSync(folder, { recursive: true }));

function flagsOf(args: readonly string[], name = "serve") {
  const command = commands.find((candidate) => candidate.name === name);
  assert.ok(command);
  const line = readCommandLine(command, args);
  assert.equal(line.kind, "run");
  return line.kind === "run" ? line.flags : new Map();
}

function settingsOf(
  args: readonly string[],
  environment: Environment = {},
  file: SettingMap = new Map(),
): Settings {
  return mergeSettings([flagsOf(args), readEnvironment(environment, "serve"), file]);
}

function writeConfig(text: string, name = "config.yaml"): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("flags", () => {
  const cases: [args: string, name: OptionName, value: unknown][] = [
    ["--port 0", "port", 0],
    ["--port=8080", "port", 8080],
    ["--timeout 500ms", "timeoutMs", 500],
    ["--max-body 1mb", "maxBodyBytes", 1_048_576],
    ["--proto a --proto b", "proto", ["a", "b"]],
    ["--allow-origin null", "allowOrigin", ["null"]],
    ["--strict", "strict", true],
    ["--no-strict", "strict", false],
    ["--simulator --size 64x32", "size", [64, 32]],
    ["--port 1 --port 2", "port", 2],
    ["--octane box", "octane", ["box:51022"]],
    ["--octane a=box --octane b=[::1]:7", "octane", ["a=box:51022", "b=[::1]:7"]],
    ["--static ./site", "staticDir", "./site"],
  ];
  for (const [args, name, value] of cases) {
    test(`${args} sets ${name}`, () => {
      assert.deepEqual(flagsOf(args.split(" ")).get(name)?.value, value);
    });
  }

  const wrong: [args: string[], message: RegExp][] = [
    [["--prto", "x"], /unknown option --prto; did you mean --proto\?\naccepted by serve: .*--max-body SIZE/],
    [["--xyzzy"], /^unknown option --xyzzy\naccepted/],
    [["--port"], /^--port needs a value; expected a port from 0 to 65535$/],
    [["--port", "-1"], /^--port: got "-1"; expected a port from 0 to 65535$/],
    [["--timeout", "30"], /^--timeout: got "30"; expected a duration with its unit/],
    [["--strict=false"], /--no-strict/],
    [["--proto", "a", "b"], /too many arguments/],
    [["--generation", "gamma"], /^--generation: got "gamma"; expected one of auto, alpha5, beta2$/],
    [["--token", "two words"], /^--token: got a value that is not shown;/],
  ];
  for (const [args, message] of wrong) {
    test(`${args.join(" ")} is refused with what is accepted`, () => {
      assert.throws(() => flagsOf(args), { name: "UsageError", message });
    });
  }
});

describe("environment", () => {
  const cases: [environment: Environment, name: OptionName, value: unknown][] = [
    [{ OCTANE_PROXY_PORT: "0" }, "port", 0],
    [{ OCTANE_PROXY_MAX_BODY: "2mb" }, "maxBodyBytes", 2_097_152],
    [{ OCTANE_PROXY_SIMULATOR: "1" }, "simulator", true],
    [{ OCTANE_PROXY_PROTO: "a, b,," }, "proto", ["a", "b"]],
    [{ OCTANE_PROXY_TOKEN: "" }, "token", undefined],
    [{ OCTANE_HOST: "box" }, "octane", ["box:51022"]],
    [{ OCTANE_PORT: "5000" }, "octane", ["127.0.0.1:5000"]],
    [{ OCTANE_HOST: "::1", OCTANE_PORT: "5000" }, "octane", ["[::1]:5000"]],
    [{ OCTANE_HOST: "box", OCTANE_PROXY_OCTANE: "other:1" }, "octane", ["other:1"]],
    [{ OCTANE_PROXY_OCTANE: "a=box, b=other:1" }, "octane", ["a=box:51022", "b=other:1"]],
    [{ OCTANE_PROXY_JSON: "1" }, "json", undefined],
  ];
  for (const [environment, name, value] of cases) {
    test(`${JSON.stringify(environment)} sets ${name} to ${JSON.stringify(value)}`, () => {
      assert.deepEqual(readEnvironment(environment, "serve").get(name)?.value, value);
    });
  }

  test("a wrong value names the variable", () => {
    assert.throws(() => readEnvironment({ OCTANE_PROXY_PORT: "x" }, "serve"), {
      name: "UsageError",
      message: /^OCTANE_PROXY_PORT: got "x"; expected a port/,
    });
  });

  test("the simulator alone has variables of its own for host and port", () => {
    const settings = readEnvironment(
      { OCTANE_PROXY_PORT: "1", OCTANE_PROXY_SIMULATOR_PORT: "2" },
      "simulate",
    );
    assert.equal(settings.get("simulatorPort")?.value, 2);
    assert.equal(settings.get("port"), undefined);
  });

  test("a variable that sets nothing is pointed out", () => {
    assert.deepEqual(unknownVariables({ OCTANE_PROXY_PROT: "x", OCTANE_PROXY_PORT: "1", HOME: "/" }), [
      "OCTANE_PROXY_PROT in the environment sets nothing; did you mean OCTANE_PROXY_PORT?",
    ]);
  });
});

describe("config file", () => {
  test("JSON and YAML say the same, and paths count from the file's folder", async () => {
    const yaml = await readConfigFile(
      writeConfig("port: 0\ntimeout: 2m\nproto: ./protos\nstrict: yes\n"),
      "serve",
    );
    const json = await readConfigFile(
      writeConfig('\uFEFF{"port": 0, "timeout": "2m", "proto": ["./protos"], "strict": true}', "config.json"),
      "serve",
    );
    for (const settings of [yaml, json]) {
      assert.equal(settings.get("port")?.value, 0);
      assert.equal(settings.get("timeoutMs")?.value, 120_000);
      assert.deepEqual(settings.get("proto")?.value, [join(folder, "protos")]);
      assert.equal(settings.get("strict")?.value, true);
    }
  });

  test("an empty file sets nothing, and null leaves an option unset", async () => {
    assert.equal((await readConfigFile(writeConfig("# nothing\n"), "serve")).size, 0);
    assert.equal((await readConfigFile(writeConfig("port: null\n"), "serve")).size, 0);
  });

  test("a key of another command is left alone", async () => {
    assert.equal((await readConfigFile(writeConfig("maxBody: 1mb\n"), "simulate")).size, 0);
  });

  const wrong: [text: string, message: RegExp][] = [
    ["max-body: 1mb", /no option "max-body"; did you mean "maxBody"\?\naccepted: .*maxBody/],
    ["__proto__: 1", /no option "__proto__"/],
    ["port: many", /^port in .*config\.yaml: got "many"; expected a port from 0 to 65535$/],
    ["port: {}", /^port in .*config\.yaml: got \{\}; expected a port/],
    ["timeout: 30", /^timeout in .*: got 30; expected a duration with its unit/],
    ["token: [a]", /^token in .*: got a value that is not shown/],
    ["- port", /expected an object with options as its keys/],
    ["port: [", /^cannot read .*config\.yaml: .*line 1/s],
  ];
  for (const [text, message] of wrong) {
    test(`${text} is refused`, async () => {
      await assert.rejects(readConfigFile(writeConfig(text), "serve"), { name: "UsageError", message });
    });
  }

  test("is found in the working directory; two are one too many", () => {
    const place = join(folder, "work");
    mkdirSync(place);
    assert.equal(findConfigFile(undefined, place), undefined);
    writeFileSync(join(place, "octane-proxy.config.yaml"), "");
    assert.equal(findConfigFile(undefined, place), join(place, "octane-proxy.config.yaml"));
    writeFileSync(join(place, "octane-proxy.config.json"), "{}");
    assert.throws(() => findConfigFile(undefined, place), /remove one, or name one with --config/);
    const given = { value: "octane-proxy.config.json", layer: "flag", label: "--config" } as const;
    assert.equal(findConfigFile(given, place), join(place, "octane-proxy.config.json"));
    assert.throws(
      () => findConfigFile({ ...given, value: "no.yaml" }, place),
      /^UsageError: --config: got "no.yaml"/,
    );
  });
});

describe("precedence", () => {
  const flag = ["--port", "1"];
  const environment = { OCTANE_PROXY_PORT: "2" };
  const readFile = () => readConfigFile(writeConfig("port: 3"), "serve");
  const cases: [name: string, settings: (file: SettingMap) => Settings, port: number | undefined][] = [
    ["flag over environment and file", (file) => settingsOf(flag, environment, file), 1],
    ["environment over file", (file) => settingsOf([], environment, file), 2],
    ["file where nothing else says", (file) => settingsOf([], {}, file), 3],
    ["unset where nobody says", () => settingsOf([]), undefined],
  ];
  for (const [name, settings, port] of cases) {
    test(name, async () => assert.equal(settings(await readFile()).get("port"), port));
  }

  test("a list of a stronger layer replaces a weaker one's", () => {
    const settings = settingsOf(["--allow-host", "a"], { OCTANE_PROXY_ALLOW_HOST: "b,c" });
    assert.deepEqual(settings.get("allowHost"), ["a"]);
  });

  test("a flag for the simulator wins over an Octane in the environment, and the other way round", () => {
    const simulated = readProxyOptions(settingsOf(["--simulator"], { OCTANE_HOST: "box" }));
    assert.deepEqual([simulated.simulator, simulated.octane], [{}, undefined]);
    const real = readProxyOptions(settingsOf(["--octane", "box"], { OCTANE_PROXY_SIMULATOR: "1" }));
    assert.deepEqual([real.simulator, real.octane], [undefined, ["box:51022"]]);
    assert.throws(() => readProxyOptions(settingsOf(["--simulator", "--octane", "box"])), {
      message: "--simulator and --octane exclude each other: give one or the other",
    });
  });
});

describe("settings become options", () => {
  test("with the simulator's own, and certificates as text", () => {
    const options = readProxyOptions(
      settingsOf([
        "--simulator",
        "--size",
        "64x32",
        "--fps",
        "5",
        "--pattern",
        "--octane-ca",
        join(folder, "ca.pem"),
      ]),
    );
    assert.deepEqual(options, {
      simulator: { size: [64, 32], fps: 5, pattern: true },
      octaneTls: { ca: "-----BEGIN CERTIFICATE-----\n" },
    });
  });

  test("the token is read from its file, unless a stronger layer gives it", () => {
    const path = join(folder, "token.txt");
    assert.equal(readProxyOptions(settingsOf(["--token-file", path])).token, "from-file");
    assert.equal(
      readProxyOptions(settingsOf(["--token", "abc"], { OCTANE_PROXY_TOKEN_FILE: path })).token,
      "abc",
    );
    assert.equal(
      readProxyOptions(settingsOf(["--token-file", path], { OCTANE_PROXY_TOKEN: "abc" })).token,
      "from-file",
    );
  });

  const wrong: [args: () => string[], message: RegExp][] = [
    [
      () => ["--host", "0.0.0.0"],
      /^--host: got "0.0.0.0"; expected a loopback address .* unless a token is set/,
    ],
    [() => ["--proto", "nowhere"], /^--proto: got "nowhere"; expected an existing directory/],
    [() => ["--static", join(folder, "ca.pem")], /^--static: got .*; expected a directory/],
    [() => ["--token-file", "nowhere"], /^--token-file: got "nowhere"; expected a file that can be read/],
    [() => ["--token", "a", "--token-file", "b"], /^--token and --token-file exclude each other/],
    [() => ["--octane-cert", join(folder, "ca.pem")], /^--octane-cert and --octane-key go together/],
    [
      () => ["--octane-ca", join(folder, "token.txt")],
      /^--octane-ca: got a value that is not shown; expected PEM/,
    ],
    [() => ["--size", "64x32"], /^--size is for the simulator: add --simulator/],
  ];
  for (const [args, message] of wrong) {
    test(`${args()[0]} that cannot be is refused under its own name`, () => {
      assert.throws(
        () => readProxyOptions(settingsOf(args())),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }
});
