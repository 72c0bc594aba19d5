import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A gRPC server that is none of ours, in a process of its own. */
export interface InteropServer {
  readonly port: number;
  stop(): Promise<void>;
}

export const serverNames = ["grpc-js", "grpcio", "grpc-go"] as const;
export type ServerName = (typeof serverNames)[number];

/** @throws Error that says what to install where it cannot be had: a server is never skipped. */
export function startServer(name: ServerName): Promise<InteropServer> {
  switch (name) {
    case "grpc-js":
      return start(process.execPath, [fileURLToPath(new URL("./grpc-js-server.js", import.meta.url))]);
    case "grpcio":
      return start(findPython(), [source("server.py")]);
    case "grpc-go":
      return startGo();
  }
}

/** Debian's packages belong to Debian's Python, which need not be the first on the path. */
function findPython(): string {
  const pythons = ["/usr/bin/python3", "python3"];
  const find = (): string | undefined => pythons.find((python) => succeeds(python, ["-c", "import grpc"]));
  const found = find() ?? (install("python3-grpcio") ? find() : undefined);
  if (found !== undefined) return found;
  throw new Error(
    "this test needs Python with grpcio: install it (Debian: `apt-get install python3-grpcio`)",
  );
}

const debianSources = "/usr/share/gocode";

async function startGo(): Promise<InteropServer> {
  const hasGo = () =>
    succeeds("go", ["version"]) && existsSync(join(debianSources, "src/google.golang.org/grpc"));
  if (!hasGo() && !(install("golang-go", "golang-google-grpc-dev") && hasGo())) {
    throw new Error(
      "this test needs Go and grpc-go as Debian packs it: `apt-get install golang-go golang-google-grpc-dev`",
    );
  }
  const folder = mkdtempSync(join(tmpdir(), "octane-proxy-interop-"));
  const program = join(folder, "server");
  const built = spawnSync("go", ["build", "-o", program, source("go-server/main.go")], {
    env: { ...process.env, GO111MODULE: "off", GOFLAGS: "", GOPATH: debianSources },
    encoding: "utf8",
  });
  if (built.status !== 0) throw new Error(`grpc-go's server does not build: ${built.stderr}`);
  const server = await start(program, []);
  return {
    port: server.port,
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function start(command: string, args: readonly string[]): Promise<InteropServer> {
  const child: ChildProcess = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const [line] = (await Promise.race([once(lines, "line"), exited.then(() => ["it ended at once"])])) as [
    string,
  ];
  const port = Number(line);
  if (!(port > 0)) throw new Error(`${command} should have printed its port, but: ${line}`);
  return {
    port,
    async stop() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function source(name: string): string {
  return fileURLToPath(new URL(`../../../test/interop/${name}`, import.meta.url));
}

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

function install(...packages: readonly string[]): boolean {
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return false;
  const run = () => succeeds("apt-get", ["install", "-y", "--no-install-recommends", ...packages]);
  return run() || (succeeds("apt-get", ["update"]) && run());
}
