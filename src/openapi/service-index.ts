import type { Contract } from "../contract/contract.ts";
import type { JsonSchema } from "./json-schema.ts";
import { shortNameOf } from "./short-names.ts";

/** Every service with its methods and the path of its own document: small enough to search a whole API in. */
export function createServiceIndex(contract: Contract): JsonSchema {
  return {
    generation: contract.generation,
    services: [...contract.services.values()].map((service) => ({
      name: shortNameOf(contract, service),
      fullName: service.fullName,
      source: service.source,
      openapi: `/openapi.json?service=${encodeURIComponent(service.fullName)}`,
      methods: [...service.methods.values()].map(({ name, kind, readsOnly }) => ({ name, kind, readsOnly })),
    })),
  };
}
