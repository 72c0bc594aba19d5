// A program: calls of both client dialects through a whole proxy with the simulator, printed as JSON, and whether the engine
// makes code from text.
import { createProxy } from "../../src/index.ts";
import { silentLogger } from "../../src/observe/logger.ts";
import { canGenerateCode } from "../../src/transcode/compiled/generate.ts";

const calls = [
  ["/ApiInfo/octaneVersion", "{}"],
  ["/ApiProjectManager/rootNodeGraph", ""],
  ["/api/grpc/ApiProjectManager/rootNodeGraph", "{}"],
  ["/ApiItem/name", '{"objectPtr":{"handle":1,"type":"apiitem"},"unknown":[{}]}'],
  ["/ApiItem/name", '{"objectPtr":{"handle":"none"}}'],
  ["/ApiItem/name", "{"],
] as const;

const proxy = await createProxy({ port: 0, simulator: true, logger: silentLogger });
await proxy.ready();
const replies = [];
for (const [path, body] of calls) {
  // types are compiled after some calls
  for (let round = 0; round < 4; round++) {
    const response = await fetch(`${proxy.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    replies.push([path, response.status, await response.text()]);
  }
}
await proxy.close();
process.stdout.write(`${JSON.stringify({ makesCode: canGenerateCode(), replies })}\n`);
