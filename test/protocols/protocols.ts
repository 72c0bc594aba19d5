import { connectEsClients } from "./connect-es-clients.ts";
import { jsonClients } from "./json-clients.ts";
import type { ProtocolClient } from "./protocol-client.ts";
import { streamClients } from "./stream-clients.ts";

/** The columns of the table: every protocol with every codec that it has. */
export const protocols: readonly ProtocolClient[] = [...connectEsClients, ...jsonClients, ...streamClients];
