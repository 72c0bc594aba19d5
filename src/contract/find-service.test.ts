import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadBuiltIn } from "./built-in.ts";
import type { ContractService, ServiceLookup } from "./contract.ts";
import { createServiceFinder } from "./find-service.ts";

/** Only the name matters to the look-up. */
function finderOver(...names: string[]): (name: string) => ServiceLookup {
  const service = (fullName: string) => ({ fullName }) as ContractService;
  return createServiceFinder(new Map(names.map((name) => [name, service(name)])));
}

function summary(lookup: ServiceLookup): unknown {
  if (lookup.kind === "found") return lookup.service.fullName;
  return lookup.kind === "ambiguous" ? { ambiguous: lookup.fullNames } : { unknown: lookup.suggestions };
}

describe("findService", () => {
  const find = finderOver(
    "octaneapi.ApiItemService",
    "octaneapi.CallbackHandler",
    "octaneapi.StreamCallbackService",
    "livelinkapi.LiveLinkService",
    "a.Twin",
    "b.TwinService",
    "c.ShadowService",
    "c.Shadow",
    "Bare",
    "octaneapi.Service",
  );
  const cases: [string, unknown][] = [
    ["ApiItem", "octaneapi.ApiItemService"],
    ["ApiItemService", "octaneapi.ApiItemService"],
    ["octaneapi.ApiItem", "octaneapi.ApiItemService"],
    ["octaneapi.ApiItemService", "octaneapi.ApiItemService"],
    ["CallbackHandler", "octaneapi.CallbackHandler"],
    ["octaneapi.CallbackHandler", "octaneapi.CallbackHandler"],
    ["StreamCallback", "octaneapi.StreamCallbackService"],
    ["StreamCallbackService", "octaneapi.StreamCallbackService"],
    ["LiveLink", "livelinkapi.LiveLinkService"],
    ["Bare", "Bare"],
    ["Service", "octaneapi.Service"],
    ["Twin", { ambiguous: ["a.Twin", "b.TwinService"] }],
    ["TwinService", "b.TwinService"],
    ["a.Twin", "a.Twin"],
    ["c.Shadow", "c.Shadow"],
    ["Shadow", { ambiguous: ["c.ShadowService", "c.Shadow"] }],
    ["apiitem", { unknown: ["ApiItem"] }],
    ["ApiItm", { unknown: ["ApiItem"] }],
    ["octaneapi.apiItemservice", { unknown: ["octaneapi.ApiItemService"] }],
    ["livelinkapi.ApiItem", { unknown: ["ApiItem"] }],
    ["", { unknown: [] }],
    ["__proto__", { unknown: [] }],
    ["constructor", { unknown: [] }],
    ["x".repeat(100_000), { unknown: [] }],
  ];
  for (const [name, expected] of cases) {
    it(`of '${name.slice(0, 40)}'`, () => assert.deepEqual(summary(find(name)), expected));
  }

  it("finds every built-in service by its short name", () => {
    const contract = loadBuiltIn("beta2");
    for (const service of contract.services.values()) {
      const shortName = service.fullName.replace(/^.*\./, "").replace(/Service$/, "");
      assert.deepEqual(contract.findService(shortName), { kind: "found", service });
    }
  });
});
