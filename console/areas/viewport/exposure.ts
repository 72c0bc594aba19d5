import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { ref } from "../../../src/client/client.ts";
import { epoch } from "../../api/health.ts";
import { client } from "../../api/proxy.ts";
import { notifyError } from "../../app/toasts.tsx";
import { createLatestOnly } from "../../picture/latest-only.ts";

/** The exposure of the imager behind the present render target. */
export interface Exposure {
  /** Undefined while it is not known, or where this render target has none. */
  readonly value: ReadonlySignal<number | undefined>;
  set(value: number): void;
  close(): void;
}

interface Handle {
  readonly handle: string;
  readonly type: string;
}

/** Reads it for each connection to Octane; edits go there at once. */
export function openExposure(): Exposure {
  const value = signal<number | undefined>(undefined);
  let node: Handle | undefined;
  const send = createLatestOnly<number>(
    (wanted) => writeExposure(node, wanted),
    (error) => {
      notifyError("The exposure was not changed", error);
      void read();
    },
  );

  const stop = effect(() => {
    if (epoch.value !== undefined) void read();
  });
  addEventListener("focus", read);

  async function read(): Promise<void> {
    const found = await readExposure().catch(() => undefined);
    node = found?.node;
    value.value = found?.value;
  }

  return {
    value,
    set(wanted) {
      value.value = wanted;
      send(wanted);
    },
    close() {
      stop();
      removeEventListener("focus", read);
    },
  };
}

async function readExposure(): Promise<{ readonly node: Handle; readonly value: number } | undefined> {
  const pin = (from: string, pinId: string) => ({
    service: "ApiNode",
    method: "connectedNode",
    params: { objectPtr: ref(from, "result"), pinId, enterWrapperNode: true },
  });
  const [, , exposure, value] = await client.value.batch([
    { id: "target", service: "ApiRenderEngine", method: "getRenderTargetNode" },
    { id: "imager", ...pin("target", "P_IMAGER") },
    { id: "exposure", ...pin("imager", "P_EXPOSURE") },
    {
      service: "ApiItem",
      method: "getValueByAttrID",
      params: { objectPtr: ref("exposure", "result"), attribute_id: "A_VALUE" },
    },
  ]);
  if (exposure === undefined || value === undefined || "error" in exposure || "error" in value)
    return undefined;
  const node = (exposure.result as { readonly result?: Handle }).result;
  const { float4_value } = value.result as { readonly float4_value?: { readonly x?: number } };
  return node === undefined || float4_value === undefined ? undefined : { node, value: float4_value.x ?? 0 };
}

async function writeExposure(node: Handle | undefined, value: number): Promise<void> {
  if (node === undefined) return;
  const reply = (await client.value.call("ApiItem", "setValueByAttrID", {
    objectPtr: { ...node, type: "ApiItem" },
    attribute_id: "A_VALUE",
    float4_value: { x: value },
    evaluate: true,
  })) as { readonly success?: boolean; readonly error_message?: string };
  if (reply.success === false) throw new Error(reply.error_message);
  await client.value.call("ApiChangeManager", "update");
}
