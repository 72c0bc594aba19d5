import { ProxyError } from "../errors.ts";
import { handleOf, type JsonMessage, memberOf, objectTypes, outcome } from "./scene-calls.ts";
import type { NodeReader } from "./scene-node.ts";

/** One input of a node. */
export interface ScenePin {
  readonly index: number;
  /** Undefined where it was not asked for or could not be read. */
  readonly description: PinDescription | undefined;
  /** Handle of what is connected. */
  readonly connected: string | undefined;
  readonly error: ProxyError | undefined;
}

export interface PinDescription {
  readonly id: unknown;
  readonly type: unknown;
  readonly label: unknown;
  readonly group: unknown;
  /** JSON of the whole message, without defaults. */
  readonly info: string | undefined;
}

/** All pins in the order of their index. @throws ProxyError when their number cannot be read */
export async function readPins(reader: NodeReader, handle: string): Promise<ScenePin[]> {
  const objectPtr = { handle, type: objectTypes.ApiNode };
  const count = Number((await reader.calls.ask("ApiNode", "pinCount", { objectPtr })).message.result ?? 0);
  reader.takeParts(count);
  return Promise.all(Array.from({ length: count }, (_, index) => readPin(reader, objectPtr, index)));
}

async function readPin(reader: NodeReader, objectPtr: JsonMessage, index: number): Promise<ScenePin> {
  const isDescribed = reader.fields.has("pins") || reader.fields.has("info");
  const [connected, description] = await Promise.all([
    outcome(readConnected(reader, objectPtr, index)),
    isDescribed ? outcome(readDescription(reader, objectPtr, index)) : { value: undefined, error: undefined },
  ]);
  return {
    index,
    description: description.value,
    connected: connected.value,
    error: connected.error ?? description.error,
  };
}

async function readConnected(
  reader: NodeReader,
  objectPtr: JsonMessage,
  index: number,
): Promise<string | undefined> {
  const params = { objectPtr, pinIx: index, enterWrapperNode: true };
  const connected = handleOf((await reader.calls.ask("ApiNode", "connectedNodeIx", params)).message.result);
  if (connected !== undefined) reader.onChild(connected, false);
  return connected;
}

async function readDescription(
  { calls, fields }: NodeReader,
  objectPtr: JsonMessage,
  index: number,
): Promise<PinDescription> {
  const infoHandle = handleOf((await calls.ask("ApiNode", "pinInfoIx", { objectPtr, index })).message.result);
  if (infoHandle === undefined) throw noInfo(index);
  const reply = await calls.ask("ApiNodePinInfoEx", "getApiNodePinInfo", {
    nodePinInfoRef: { handle: infoHandle, type: objectTypes.ApiNodePinInfoEx },
  });
  const info = reply.message.nodePinInfo;
  if (info === null || info === undefined) throw noInfo(index);
  return {
    id: memberOf(info, "id"),
    type: memberOf(info, "type"),
    label: memberOf(info, "staticLabel"),
    group: memberOf(info, "groupName"),
    info: fields.has("info") ? JSON.stringify(reply.brief().nodePinInfo ?? {}) : undefined,
  };
}

function noInfo(index: number): ProxyError {
  return new ProxyError("upstream_malformed", `Octane gave no description of pin ${index}`);
}
