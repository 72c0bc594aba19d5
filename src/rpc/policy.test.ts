import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadBuiltIn } from "../contract/built-in.ts";
import type { ContractMethod } from "../contract/contract.ts";
import { reviewedReads } from "../contract/reads.ts";
import { ProxyError } from "../errors.ts";
import { dangerousMethods } from "./dangerous-methods.ts";
import { createPolicy, type PolicyOptions } from "./policy.ts";
import { compilePattern } from "./policy-pattern.ts";

const contracts = [loadBuiltIn("alpha5"), loadBuiltIn("beta2")];

function method(name: string): ContractMethod {
  const [service = "", method = ""] = name.split("/");
  for (const contract of contracts) {
    const found = contract.findService(service);
    const known = found.kind === "found" ? found.service.methods.get(method) : undefined;
    if (known !== undefined) return known;
  }
  throw new Error(`no method ${name}`);
}

function policy(options: Partial<PolicyOptions>) {
  return createPolicy({ readOnly: false, safe: false, allowMethod: [], denyMethod: [], ...options });
}

/** The refusal's message, or undefined for a call that may be made. */
function refusal(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ProxyError);
    assert.deepEqual([error.reason, error.httpStatus], ["denied_method", 403]);
    return error.message;
  }
}

describe("the first rule that fits decides", () => {
  const cases: [name: string, options: Partial<PolicyOptions>, called: string, denied: RegExp | undefined][] =
    [
      ["without rules everything passes", {}, "ApiItem/destroy", undefined],
      ["--read-only lets reads pass", { readOnly: true }, "ApiItem/name", undefined],
      ["--read-only denies writes", { readOnly: true }, "ApiItem/setName", /--read-only/],
      ["--read-only denies what nobody has reviewed", { readOnly: true }, "LiveLink/GetFile", /--read-only/],
      ["--read-only denies camera poses", { readOnly: true }, "LiveLink/SetCamera", /--read-only/],
      ["--safe denies files", { safe: true }, "ApiProjectManager/loadProject", /--safe.*file/],
      ["--safe lets clients edit", { safe: true }, "ApiItem/destroy", undefined],
      [
        "--safe lets clients save where the project is",
        { safe: true },
        "ApiProjectManager/saveProject",
        undefined,
      ],
      ["a deny pattern", { denyMethod: ["*/destroy"] }, "ApiItem/destroy", /--deny-method \*\/destroy/],
      ["a deny pattern that fits another", { denyMethod: ["*/destroy"] }, "ApiItem/name", undefined],
      ["an allow pattern", { allowMethod: ["ApiItem/*"] }, "ApiItem/destroy", undefined],
      [
        "an allow pattern alone denies the rest",
        { allowMethod: ["ApiItem/*"] },
        "ApiNode/info",
        /--allow-method/,
      ],
      [
        "deny wins over allow",
        { allowMethod: ["ApiItem/*"], denyMethod: ["*/destroy"] },
        "ApiItem/destroy",
        /--deny-method/,
      ],
      [
        "allow is an exception to --read-only",
        { readOnly: true, allowMethod: ["LiveLink/SetCamera"] },
        "LiveLink/SetCamera",
        undefined,
      ],
      [
        "beside an exception --read-only goes on letting reads pass",
        { readOnly: true, allowMethod: ["LiveLink/SetCamera"] },
        "ApiItem/name",
        undefined,
      ],
      [
        "beside an exception --read-only goes on denying",
        { readOnly: true, allowMethod: ["LiveLink/SetCamera"] },
        "ApiItem/setName",
        /--read-only/,
      ],
      [
        "allow is an exception to --safe",
        { safe: true, allowMethod: ["*/loadProject"] },
        "ApiProjectManager/loadProject",
        undefined,
      ],
      [
        "deny wins over everything",
        { readOnly: true, denyMethod: ["ApiItem/name"] },
        "ApiItem/name",
        /--deny-method/,
      ],
    ];
  for (const [name, options, called, denied] of cases) {
    test(name, () => {
      const message = refusal(() => policy(options).check(method(called)));
      if (denied === undefined) assert.equal(message, undefined);
      else assert.match(message ?? "allowed", denied);
    });
  }
});

describe("a call that Octane has under another name", () => {
  const own = method("ApiItem/getByAttrID");
  const upstream = method("ApiItem/getValueByAttrID");
  const cases: [name: string, options: Partial<PolicyOptions>, isDenied: boolean][] = [
    ["passes where neither name is denied", { denyMethod: ["*/destroy"] }, false],
    ["is denied by its own name", { denyMethod: ["*/getByAttrID"] }, true],
    ["is denied by Octane's name", { denyMethod: ["*/getValueByAttrID"] }, true],
    ["is allowed by its own name", { allowMethod: ["*/getByAttrID"] }, false],
    ["is not allowed by Octane's name alone", { allowMethod: ["*/getValueByAttrID"] }, true],
    [
      "is denied by Octane's name though its own is allowed",
      { allowMethod: ["*/getByAttrID"], denyMethod: ["*/getValue*"] },
      true,
    ],
    ["passes where both only read", { readOnly: true }, false],
  ];
  for (const [name, options, isDenied] of cases) {
    test(name, () => {
      assert.equal(refusal(() => policy(options).checkTranslated(own, upstream)) !== undefined, isDenied);
    });
  }
});

describe("a pattern", () => {
  const full = "octaneapi.ApiItemService";
  const cases: [pattern: string, fits: boolean][] = [
    ["ApiItem/setName", true],
    ["ApiItemService/setName", true],
    ["octaneapi.ApiItem/setName", true],
    ["octaneapi.ApiItemService/set*", true],
    ["octaneapi.*/*", true],
    ["*/*Name", true],
    ["*/set*m*", true],
    ["*/*", true],
    ["apiitem/setName", false],
    ["ApiItem/setname", false],
    ["ApiItem/set", false],
    ["ApiIte/setName", false],
    ["livelinkapi.*/*", false],
    ["octaneapiXApiItem/setName", false],
  ];
  for (const [pattern, fits] of cases) {
    test(`${pattern} ${fits ? "fits" : "does not fit"} ${full}/setName`, () => {
      assert.equal(compilePattern(pattern)(full, "setName"), fits);
    });
  }
});

describe("the table of dangerous methods", () => {
  /** Of users' own contracts. */
  const foreign = new Set(["*Module*/*", "*Lua*/*", "*Script*/*"]);

  test("has a reason for each, and no pattern that fits nothing", () => {
    const unused = policy({ denyMethod: dangerousMethods.map(({ pattern }) => pattern) }).unusedPatterns(
      contracts,
    );
    assert.deepEqual(unused, [...foreign]);
    for (const { reason } of dangerousMethods) assert.ok(reason.length > 8);
  });

  test("holds every method whose request names a file or a directory", () => {
    const safe = policy({ safe: true });
    const open: string[] = [];
    for (const { services } of contracts) {
      for (const { methods } of services.values()) {
        for (const each of methods.values()) {
          const { fields } = each.desc.input;
          const isFile = fields.some(
            ({ name, fieldKind }) => fieldKind === "scalar" && /(path|dir|directory|filename)$/i.test(name),
          );
          if (isFile && refusal(() => safe.check(each)) === undefined) open.push(each.name);
        }
      }
    }
    assert.deepEqual([...new Set(open)], []);
  });

  test("holds nothing of the table of reads", () => {
    const safe = policy({ safe: true });
    for (const { services } of contracts) {
      for (const { fullName, methods } of services.values()) {
        for (const name of reviewedReads().get(fullName) ?? []) {
          const read = methods.get(name);
          if (read !== undefined)
            assert.equal(
              refusal(() => safe.check(read)),
              undefined,
            );
        }
      }
    }
  });
});

test("patterns that fit no method are found", () => {
  const rules = policy({ allowMethod: ["ApiItem/*"], denyMethod: ["ApiItme/*", "*/destroyy"] });
  assert.deepEqual(rules.unusedPatterns(contracts), ["ApiItme/*", "*/destroyy"]);
});
