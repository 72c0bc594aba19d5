import { effect, signal } from "@preact/signals";
import { epoch } from "../../api/health.ts";
import { client, getJson } from "../../api/proxy.ts";
import { createFormSchemas, type FormSchemas, type OpenApiDocument } from "./form-schema.ts";
import type { Method, Service } from "./method.ts";

export interface Contract {
  readonly generation: string;
  readonly services: readonly Service[];
  /** How the service's requests look; loaded once. @throws OctaneError */
  schemasOf(service: Pick<Service, "fullName">): Promise<FormSchemas>;
}

/** What can be called now; the last one known while the proxy is away. */
export const contract = signal<Contract | undefined>(undefined);

export const contractError = signal<unknown>(undefined);

/** Loads the contract, and again when another Octane, which may have another one, is there. Returns what ends that. */
export function followContract(): () => void {
  return effect(() => {
    client.value;
    epoch.value;
    void loadContract();
  });
}

export async function loadContract(): Promise<void> {
  try {
    const index = await getJson<ServiceIndex>("/docs/services.json");
    const hasChanged = JSON.stringify(index) !== loadedIndex;
    if (contract.peek() === undefined || hasChanged) contract.value = createContract(index);
    loadedIndex = JSON.stringify(index);
    contractError.value = undefined;
  } catch (error) {
    contractError.value = error;
  }
}

/** Of the contract that is shown. */
let loadedIndex = "";

/** `GET /docs/services.json`, see docs/openapi.md. */
interface ServiceIndex {
  readonly generation: string;
  readonly services: readonly {
    readonly name: string;
    readonly fullName: string;
    readonly source: string;
    readonly openapi: string;
    readonly methods: readonly Pick<Method, "name" | "kind" | "readsOnly">[];
  }[];
}

function createContract({ generation, services }: ServiceIndex): Contract {
  const schemas = new Map<string, Promise<FormSchemas>>();
  const paths = new Map(services.map(({ fullName, openapi }) => [fullName, openapi]));
  return {
    generation,
    services: services.map(({ name, fullName, source, methods }) => ({
      name,
      fullName,
      source,
      methods: methods.map((method) => ({
        ...method,
        id: `${name}/${method.name}`,
        service: name,
        fullServiceName: fullName,
      })),
    })),
    schemasOf({ fullName }) {
      const known = schemas.get(fullName);
      if (known !== undefined) return known;
      const loading = getJson<OpenApiDocument>(`${paths.get(fullName)}&dialect=plain`).then(
        createFormSchemas,
      );
      schemas.set(fullName, loading);
      // What failed is tried again by whoever asks next.
      loading.catch(() => schemas.delete(fullName));
      return loading;
    },
  };
}
