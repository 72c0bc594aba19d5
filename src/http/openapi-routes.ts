import type { Contract, ContractService } from "../contract/contract.ts";
import { ProxyError } from "../errors.ts";
import { createDocument, type DocumentPart, wholeContract } from "../openapi/document.ts";
import { type DialectName, dialectNames } from "../openapi/schema-form.ts";
import { createServiceIndex } from "../openapi/service-index.ts";
import type { Session } from "../rpc/session.ts";
import { createKeptReply, type KeptReply, sendKeptReply } from "./kept-reply.ts";
import type { Route } from "./route.ts";

export interface OpenApiRoutesInit {
  readonly session: Pick<Session, "contract">;
  /** Of this program. */
  readonly version: string;
  readonly needsToken: boolean;
}

/** Documents kept: one page of the reference asks for a few services. */
const maxKept = 16;

/** `GET /openapi.json` and `GET /docs/services.json`: what can be called now. */
export function createOpenApiRoutes(init: OpenApiRoutesInit): readonly Route[] {
  const kept = createKeptDocuments(init.session);
  return [
    {
      method: "GET",
      path: "/openapi.json",
      async handle(context) {
        const { contract } = init.session;
        const part = readPart(contract, context.query);
        const dialect = readDialect(context.query.get("dialect"));
        const key = `${part.hasProxyRoutes} ${part.services.map((each) => each.fullName)} ${dialect ?? ""}`;
        const document = kept.get(key, () =>
          createDocument({
            contract,
            ...part,
            version: init.version,
            serverUrl: "./",
            needsToken: init.needsToken,
            dialects: dialect === undefined ? dialectNames : [dialect],
          }),
        );
        await sendKeptReply(context, document);
      },
    },
    {
      method: "GET",
      path: "/docs/services.json",
      async handle(context) {
        const index = kept.get("index", () => createServiceIndex(init.session.contract));
        await sendKeptReply(context, index);
      },
    },
  ];
}

/** The documents asked for last, as long as the session's contract is the same. */
function createKeptDocuments(session: Pick<Session, "contract">) {
  let contract: Contract | undefined;
  const documents = new Map<string, KeptReply>();
  return {
    get(key: string, create: () => object): KeptReply {
      if (contract !== session.contract) documents.clear();
      contract = session.contract;
      const document =
        documents.get(key) ?? createKeptReply("application/json", Buffer.from(JSON.stringify(create())));
      // The map's order is that of use.
      documents.delete(key);
      documents.set(key, document);
      const [oldest] = documents.keys();
      if (documents.size > maxKept && oldest !== undefined) documents.delete(oldest);
      return document;
    },
  };
}

/** What the query asks for: everything, one service, or only the proxy's own routes. */
function readPart(contract: Contract, query: URLSearchParams): DocumentPart {
  const name = query.get("service");
  if (name !== null) return { services: [findService(contract, name)], hasProxyRoutes: false };
  const routes = query.get("routes");
  if (routes === null) return wholeContract(contract);
  if (routes === "proxy") return { services: [], hasProxyRoutes: true };
  throw new ProxyError("invalid_query", `expected "proxy" in "routes", got ${shown(routes)}`, {
    field: "routes",
  });
}

function findService(contract: Contract, name: string): ContractService {
  const lookup = contract.findService(name);
  switch (lookup.kind) {
    case "found":
      return lookup.service;
    case "ambiguous":
      throw new ProxyError(
        "ambiguous_service",
        `the service name ${shown(name)} fits several services; use one of the full names ${lookup.fullNames.map(shown).join(", ")}`,
      );
    case "unknown": {
      const meant = lookup.suggestions.map(shown).join(" or ");
      throw new ProxyError(
        "unknown_service",
        `there is no service ${shown(name)} in the contract${meant === "" ? "" : `; did you mean ${meant}?`}`,
      );
    }
  }
}

function readDialect(name: string | null): DialectName | undefined {
  if (name === null) return undefined;
  const dialect = dialectNames.find((each) => each === name);
  if (dialect !== undefined) return dialect;
  throw new ProxyError(
    "invalid_query",
    `expected ${dialectNames.map((each) => `"${each}"`).join(", ")} in "dialect", got ${shown(name)}`,
    { field: "dialect" },
  );
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 120));
}
