// The floor: node:http that reads each body and answers a constant: per path the message that the benchmark sends there.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

/** A file of lines: a path, a tab, and the reply as JSON. */
const replies = new Map<string, Buffer>(
  readFileSync(process.argv[2] ?? "", "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [path = "", reply = ""] = line.split("\t");
      return [path, Buffer.from(reply)];
    }),
);

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    const reply = replies.get(request.url ?? "");
    if (reply === undefined) {
      response.writeHead(404, { "Content-Length": 0 }).end();
      return;
    }
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": reply.length });
    response.end(reply);
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") console.log(`listening on 127.0.0.1:${address.port}`);
});
