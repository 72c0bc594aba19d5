import { createHash } from "node:crypto";
import type { Contract, ContractService } from "../contract/contract.ts";
import { ProxyError } from "../errors.ts";
import { createDocument } from "../openapi/document.ts";
import { type DialectName, dialectNames } from "../openapi/schema-form.ts";
import { createServiceIndex } from "../openapi/service-index.ts";
import type { Session } from "../rpc/session.ts";
import { type Compression, replyCompression } from "./message-compression.ts";
import type { RequestContext, Route } from "./route.ts";

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
        const service = readService(contract, context.query.get("service"));
        const dialect = readDialect(context.query.get("dialect"));
        const key = `${service?.fullName ?? ""} ${dialect ?? ""}`;
        const document = kept.get(key, () =>
          createDocument({
            contract,
            version: init.version,
            serverUrl: "/",
            needsToken: init.needsToken,
            service,
            dialects: dialect === undefined ? undefined : [dialect],
          }),
        );
        await sendDocument(context, document);
      },
    },
    {
      method: "GET",
      path: "/docs/services.json",
      async handle(context) {
        await sendDocument(
          context,
          kept.get("index", () => createServiceIndex(init.session.contract)),
        );
      },
    },
  ];
}

interface KeptDocument {
  readonly json: Buffer;
  readonly etag: string;
  /** By name of the compression, made when a client first accepts it. */
  readonly packed: Map<Compression["name"], Promise<Buffer>>;
}

/** The documents asked for last, as long as the session's contract is the same. */
function createKeptDocuments(session: Pick<Session, "contract">) {
  let contract: Contract | undefined;
  const documents = new Map<string, KeptDocument>();
  return {
    get(key: string, create: () => object): KeptDocument {
      if (contract !== session.contract) documents.clear();
      contract = session.contract;
      const document = documents.get(key) ?? keep(create());
      // The map's order is that of use.
      documents.delete(key);
      documents.set(key, document);
      const [oldest] = documents.keys();
      if (documents.size > maxKept && oldest !== undefined) documents.delete(oldest);
      return document;
    },
  };
}

function keep(document: object): KeptDocument {
  const json = Buffer.from(JSON.stringify(document));
  const etag = `"${createHash("sha256").update(json).digest("base64url").slice(0, 22)}"`;
  return { json, etag, packed: new Map() };
}

async function sendDocument(context: RequestContext, document: KeptDocument): Promise<void> {
  const { headers } = context.request;
  context.response.setHeader("Vary", "Origin, Accept-Encoding");
  const compression = replyCompression(headers["accept-encoding"], undefined);
  // Other bytes have another tag (RFC 9110, section 8.8.3.3).
  const etag =
    compression === undefined ? document.etag : document.etag.replace(/"$/, `-${compression.name}"`);
  const validators = { ETag: etag, "Cache-Control": "no-cache" };
  if (isNamed(headers["if-none-match"], etag)) {
    context.response.writeHead(304, validators).end();
    return;
  }
  if (compression === undefined) {
    context.sendJson(200, document.json, validators);
    return;
  }
  const packed = document.packed.get(compression.name) ?? compression.compress(document.json);
  document.packed.set(compression.name, packed);
  context.sendJson(200, await packed, { ...validators, "Content-Encoding": compression.name });
}

function isNamed(header: string | undefined, etag: string): boolean {
  return (header ?? "")
    .split(",")
    .some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === etag);
}

function readService(contract: Contract, name: string | null): ContractService | undefined {
  if (name === null) return undefined;
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
