import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadBuiltIn } from "./built-in.ts";
import { reviewedReads } from "./reads.ts";

describe("the reviewed table of reads", () => {
  const contracts = [loadBuiltIn("alpha5"), loadBuiltIn("beta2")];

  it("names only methods that exist", () => {
    for (const [service, methods] of reviewedReads()) {
      for (const method of methods) {
        const isKnown = contracts.some((contract) => contract.services.get(service)?.methods.has(method));
        assert.ok(isKnown, `${service}/${method}`);
      }
    }
  });

  it("has 350 of the 579 methods of alpha5 and 281 of the 478 of beta2", () => {
    const counts = contracts.map(
      (contract) =>
        [...contract.services.values()]
          .flatMap((service) => [...service.methods.values()])
          .filter((method) => method.readsOnly).length,
    );
    assert.deepEqual(counts, [350, 281]);
  });

  it("holds nothing whose name says that it acts", () => {
    const acts =
      /^(set|create|delete|destroy|clear|copy|connect(?!ed)|load(?!ed)|save|import|export|reset|start|stop|pause|continue|restart|add|remove|register|unregister|observe|select(?!ed)|deselect|open|close|show|log|enable|disable|update(?!s)|init|unpack|release|free|grab|download|upload|new|trigger|SetCamera|StreamCamera|GetFile)/;
    for (const [service, methods] of reviewedReads()) {
      for (const method of methods) assert.doesNotMatch(method, acts, service);
    }
  });

  it("leaves out what looks like a read and is none", () => {
    const beta2 = contracts[1];
    for (const [service, method] of [
      ["octaneapi.ApiRenderEngineService", "grabRenderResult"],
      ["octaneapi.ApiItemService", "collectItemTree"],
      ["octaneapi.ApiNodeService", "buildLinkerNodePinInfo"],
      ["livelinkapi.LiveLinkService", "GetFile"],
    ] as const) {
      assert.equal(beta2?.services.get(service)?.methods.get(method)?.readsOnly, false, method);
    }
  });
});
