import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createContracts } from "../../src/contract/create-contracts.ts";
import { objectPtrAliases } from "../../src/transcode/aliases.ts";
import { walkAsOctaneWeb } from "../../test/clients/octane-web.ts";

export interface RecordedRequest {
  readonly path: string;
  readonly body: string;
  readonly reply: string;
}

/** What octaneWeb sends to the proxy at `proxyUrl` to show a scene, from the first call to the last value. */
export async function recordSceneLoad(proxyUrl: string): Promise<readonly RecordedRequest[]> {
  const requests: RecordedRequest[] = [];
  const relay = createServer(async (request, response) => {
    const path = request.url ?? "";
    const body = toContractNames(path, await text(request));
    const answer = await fetch(`${proxyUrl}${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
    });
    const reply = await answer.text();
    requests.push({ path, body, reply });
    response.writeHead(answer.status, { "Content-Type": "application/json" }).end(reply);
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = relay.address() as AddressInfo;
    await walkAsOctaneWeb(`http://127.0.0.1:${port}`);
  } finally {
    relay.closeAllConnections();
    relay.close();
  }
  return requests;
}

const contract = createContracts().of("alpha5");

/** An alias such as `objectPtr` is understood by this proxy only; the other servers need the contract's own name. */
function toContractNames(path: string, body: string): string {
  const [, serviceName = "", methodName = ""] = path.split("/");
  const lookup = contract.findService(serviceName);
  const method = lookup.kind === "found" ? lookup.service.methods.get(methodName) : undefined;
  const names = new Set(method?.desc.input.fields.map(({ name }) => name));
  const aliases = new Map(objectPtrAliases.map(({ name, fields }) => [name, fields]));
  return JSON.stringify(
    Object.fromEntries(
      Object.entries(JSON.parse(body) as object).map(([name, value]) => [
        names.has(name) ? name : (aliases.get(name)?.find((field) => names.has(field)) ?? name),
        value,
      ]),
    ),
  );
}
