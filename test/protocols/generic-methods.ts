import assert from "node:assert/strict";
import type { DescMethod } from "@bufbuild/protobuf";
import type { Contract } from "../../src/contract/contract.ts";
import { createContracts } from "../../src/contract/create-contracts.ts";
import { genericProtoDir } from "../generic-server.ts";

/** The contract of the generic server, beside Octane's. */
export const genericContract: Contract = createContracts({ protoDirs: [genericProtoDir] }).of("beta2");

const service = genericContract.services.get("generic.v1.EverythingService");

/** A method of the generic service; where it has none of that name, one of that kind under the name. */
export function findGenericMethod(name: string, kind: DescMethod["methodKind"]): DescMethod {
  const methods = [...(service?.methods.values() ?? [])].map((method) => method.desc);
  const found = methods.find((method) => method.name === name);
  if (found !== undefined) return found;
  const model = methods.find((method) => method.methodKind === kind);
  assert.ok(model);
  return { ...model, name } as DescMethod;
}
