import { fuzzInProcess } from "./fuzz/in-process.ts";
import { fuzzHttp } from "./fuzz/over-http.ts";
import { fuzzSockets } from "./fuzz/over-sockets.ts";
import { fuzzWebSocket } from "./fuzz/over-websocket.ts";
import { startBeforeFuzzOctane, startBeforeSimulator } from "./fuzz/targets.ts";
const [,, kind, how, n, seed = "1"] = process.argv;
if (kind === "in") console.log(await fuzzInProcess(Number(n), Number(seed)));
else {
  const t = await (kind === "sim" ? startBeforeSimulator() : startBeforeFuzzOctane());
  const f = {http: fuzzHttp, ws: fuzzWebSocket, raw: fuzzSockets}[how]!;
  try { console.log(await f(t, Number(n), Number(seed))); } finally { const s=Date.now(); await t.close(); console.log('closed', Date.now()-s); }
}
