import type { Contract } from "../contract/contract.ts";
import type { Session } from "../rpc/session.ts";
import type { Route } from "./route.ts";

/** `GET /contract`: every service and method that can be called now, where it came from, and what was left out. */
export function createContractRoute(session: Pick<Session, "contract">): Route {
  // Contracts are immutable, and a session changes its own seldom.
  let latest: { contract: Contract; json: Buffer } | undefined;
  return {
    method: "GET",
    path: "/contract",
    handle(context) {
      const { contract } = session;
      if (latest?.contract !== contract) {
        latest = { contract, json: Buffer.from(JSON.stringify(describeContract(contract))) };
      }
      context.sendJson(200, latest.json, { "Cache-Control": "no-cache" });
    },
  };
}

function describeContract(contract: Contract): Record<string, unknown> {
  return {
    generation: contract.generation,
    services: [...contract.services.values()].map((service) => ({
      name: service.fullName,
      source: service.source,
      methods: [...service.methods.values()].map((method) => ({
        name: method.name,
        kind: method.kind,
        readsOnly: method.readsOnly,
        request: method.desc.input.typeName,
        reply: method.desc.output.typeName,
      })),
    })),
    sources: contract.report.sources,
    leftOut: contract.report.leftOut,
  };
}
