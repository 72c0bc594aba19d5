import { OctaneError } from "../../../src/client/client.ts";
import { sendJson } from "../../api/proxy.ts";
import { findValueType } from "./attribute-value.ts";
import type { ValueEntry } from "./inspector-entries.ts";

interface WrittenValue {
  readonly handle: string;
  readonly attribute: string;
  /** `AttributeType`. */
  readonly type: string | number;
  readonly value: unknown;
}

/** Sets a value and lets Octane render what follows from it. @throws OctaneError */
export async function writeValue({ handle, attribute, type, value }: WrittenValue): Promise<void> {
  const member = findValueType(type)?.member;
  if (member === undefined) throw new Error(`values of type ${type} cannot be set here`);
  const reply = await sendJson<{ readonly success?: boolean; readonly error_message?: string }>(
    "POST",
    "/api/grpc/ApiItem/setValueByAttrID",
    {
      item_ref: { handle, type: "ApiItem" },
      attribute_id: numberOrName(attribute),
      evaluate: true,
      [member]: value,
    },
  );
  if (reply.success === false) {
    throw new OctaneError("FAILED_PRECONDITION", reply.error_message || "Octane refused the value");
  }
  await sendJson("POST", "/api/grpc/ApiChangeManager/update");
}

/** What a batch takes at once with room to spare. */
const mostInBatch = 200;

/** Values in the order of the entries; undefined for one that could not be read. @throws OctaneError */
export async function readValues(
  entries: readonly ValueEntry[],
): Promise<readonly ({ readonly value: unknown } | undefined)[]> {
  const calls = entries.slice(0, mostInBatch).map(({ node, attribute }) => ({
    service: "ApiItem",
    method: "getValueByAttrID",
    params: {
      item_ref: { handle: node.handle, type: "ApiItem" },
      attribute_id: attribute.id,
      expected_type: findValueType(attribute.type)?.expected,
    },
  }));
  if (calls.length === 0) return [];
  const { results } = await sendJson<{ readonly results: readonly { readonly result?: Reply }[] }>(
    "POST",
    "/batch",
    { calls, parallel: true },
  );
  return results.map(({ result }) => {
    const value = result?.value === undefined ? undefined : result[result.value];
    return value === undefined ? undefined : { value };
  });
}

/** `value` names the member that is set. */
type Reply = Readonly<Record<string, unknown>> & { readonly value?: string };

/** Ids that the contract has no name for are numbers, which a Map of texts made text of. */
function numberOrName(id: string): string | number {
  return /^\d+$/.test(id) ? Number(id) : id;
}
