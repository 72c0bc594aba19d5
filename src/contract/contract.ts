import type { DescMethod, DescService, Registry } from "@bufbuild/protobuf";

/** The two generations of Octane's API that the proxy knows: 2026.1 Alpha 5 and 2026.1 Beta 2. */
export type Generation = "alpha5" | "beta2";

export type MethodKind = DescMethod["methodKind"];

/** One RPC as clients see it. */
export interface ContractMethod {
  readonly name: string;
  /** HTTP/2 path of the gRPC call: `/octaneapi.ApiItemService/name`. */
  readonly path: string;
  readonly kind: MethodKind;
  /** Descriptor with the request (`input`) and reply (`output`) message types. */
  readonly desc: DescMethod;
  /** True only for methods in the reviewed table of methods that change nothing (or marked NO_SIDE_EFFECTS). */
  readonly readsOnly: boolean;
  readonly service: ContractService;
}

export interface ContractService {
  /** `octaneapi.ApiItemService` */
  readonly fullName: string;
  readonly desc: DescService;
  /** By exact method name. */
  readonly methods: ReadonlyMap<string, ContractMethod>;
  /** Where it was loaded from: `built-in`, a file's path, `descriptor set FILE`, `reflection`. */
  readonly source: string;
  /** All types of the pool that the service was built in, for `google.protobuf.Any`. */
  readonly registry: Registry;
}

/** What a source gave, and what was left out of it and why. */
export interface ContractReport {
  readonly sources: readonly {
    readonly source: string;
    readonly files: number;
    readonly services: number;
    readonly methods: number;
  }[];
  readonly leftOut: readonly {
    readonly file: string;
    /** 1-based; absent where the trouble has no line. */
    readonly line?: number;
    readonly reason: string;
  }[];
}

/** Result of a look-up by the name a client used. */
export type ServiceLookup =
  | { readonly kind: "found"; readonly service: ContractService }
  | { readonly kind: "ambiguous"; readonly fullNames: readonly string[] }
  | { readonly kind: "unknown"; readonly suggestions: readonly string[] };

/** Everything that can be called on one generation of Octane (or on another gRPC server). Immutable. */
export interface Contract {
  readonly generation: Generation;
  /** By full name, sorted. */
  readonly services: ReadonlyMap<string, ContractService>;
  readonly report: ContractReport;
  /** Accepts `ApiItem`, `ApiItemService`, with or without package; case-sensitive. */
  findService(name: string): ServiceLookup;
  /** Any message type by full name, over all pools. */
  readonly registry: Registry;
}
