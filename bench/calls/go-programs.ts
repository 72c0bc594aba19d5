import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { benchFile } from "./bench-file.ts";

/** The programs of the benchmark that are written in Go, built for this run. */
export interface GoPrograms {
  readonly upstream: string;
  readonly gateway: string;
  /** Of Go and of the libraries, for the report. */
  readonly versions: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

const run = promisify(execFile);
/** Where Debian's golang-*-dev packages have their sources. */
const debianSources = "/usr/share/gocode";
const packages =
  "golang-go golang-google-grpc-dev golang-github-grpc-ecosystem-grpc-gateway-dev golang-grpc-gateway " +
  "protoc-gen-go-1-3 protobuf-compiler";

/** Builds them from Debian's packages. @throws Error that says what is missing. */
export async function buildGoPrograms(): Promise<GoPrograms> {
  const folder = await mkdtemp(join(tmpdir(), "octane-proxy-bench-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const sources = join(folder, "src");
    const program = join(sources, "octanebench");
    await mkdir(program, { recursive: true });
    await cp(benchFile("go"), program, { recursive: true });
    await run("protoc", [
      ...["-I", benchFile(".")],
      `--go_out=plugins=grpc:${sources}`,
      `--grpc-gateway_out=logtostderr=true,grpc_api_configuration=${benchFile("go/gateway-routes.yaml")}:${sources}`,
      benchFile("echo.proto"),
    ]);
    const env = {
      ...process.env,
      GO111MODULE: "off",
      GOFLAGS: "",
      GOPATH: [folder, debianSources].join(delimiter),
    };
    const build = async (name: string) => {
      const binary = join(folder, name);
      await run("go", ["build", "-o", binary, `octanebench/${name}`], { env, cwd: folder });
      return binary;
    };
    return {
      upstream: await build("upstream"),
      gateway: await build("gateway"),
      versions: {
        go: (await run("go", ["env", "GOVERSION"], { env })).stdout.trim(),
        "grpc-gateway": await packageVersion("golang-github-grpc-ecosystem-grpc-gateway-dev"),
        "grpc-go": await packageVersion("golang-google-grpc-dev"),
      },
      remove,
    };
  } catch (cause) {
    await remove();
    const [reason] = String(cause instanceof Error ? cause.message : cause).split("\n");
    throw new Error(`no Go programs: ${reason}; on Debian: apt-get install ${packages}`, { cause });
  }
}

async function packageVersion(name: string): Promise<string> {
  const { stdout } = await run("dpkg-query", ["--status", name]);
  return /^Version: (.+)$/m.exec(stdout)?.[1] ?? "unknown";
}
