// The ordinary way to build such a proxy: fastify, @grpc/proto-loader and @grpc/grpc-js, each as its documentation shows.
// Arguments: the address of the gRPC server, then directories of .proto files.
import { readdirSync } from "node:fs";
import { credentials, type GrpcObject, loadPackageDefinition, type ServiceError } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { fastify } from "fastify";

const maxMessageBytes = 64 * 1024 ** 2;
const [octane = "", ...directories] = process.argv.slice(2);

type Unary = (
  request: unknown,
  options: { deadline: number },
  answer: (error: ServiceError | null, reply: unknown) => void,
) => void;

const files = directories.flatMap((directory) =>
  readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".proto")),
);
const definition = loadSync(files, {
  includeDirs: directories,
  keepCase: true,
  longs: String,
  enums: String,
  bytes: String,
});
const clients = new Map<string, Record<string, Unary>>();
collectClients(loadPackageDefinition(definition));

const app = fastify({ bodyLimit: maxMessageBytes, logger: { level: "warn" } });
app.post<{ Params: { service: string; method: string } }>("/:service/:method", (request, reply) => {
  const { service, method } = request.params;
  const client = clients.get(service);
  const call = client?.[method];
  if (call === undefined) {
    reply.code(404).send({ error: `unknown method ${service}/${method}` });
    return;
  }
  call.call(client, request.body, { deadline: Date.now() + 30_000 }, (error, message) => {
    if (error === null) reply.send(message);
    else reply.code(502).send({ error: error.message, code: error.code });
  });
});
console.log(`listening on ${await app.listen({ port: 0, host: "127.0.0.1" })}`);

/** One client for each service, by its name and, as the clients of Octane write it, without the suffix. */
function collectClients(object: GrpcObject): void {
  for (const [name, value] of Object.entries(object)) {
    if (typeof value === "object" && !("format" in value)) {
      collectClients(value as GrpcObject);
    } else if (typeof value === "function") {
      const client = new value(octane, credentials.createInsecure(), {
        "grpc.max_receive_message_length": maxMessageBytes,
        "grpc.max_send_message_length": maxMessageBytes,
      }) as unknown as Record<string, Unary>;
      clients.set(name, client);
      clients.set(name.replace(/Service$/, ""), client);
    }
  }
}
