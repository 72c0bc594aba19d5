import { fromBinary, toJson } from "@bufbuild/protobuf";
import type { Contract, Generation } from "../../contract/contract.ts";
import { ProxyError } from "../../errors.ts";
import { generationTitles } from "../../rpc/translation-plan.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import { type Finding, failed, ok, skipped } from "./check.ts";

const answerTimeoutMs = 5000;

/** Whether a gRPC server answers behind the open port. */
export async function checkGrpc(upstream: Upstream, isTls: boolean): Promise<Finding> {
  const firstFailure = new AbortController();
  const stopListening = upstream.onStateChange((state) => {
    if (state === "unavailable") firstFailure.abort();
  });
  try {
    await upstream.ready(AbortSignal.any([firstFailure.signal, AbortSignal.timeout(answerTimeoutMs)]));
    return ok(`${upstream.address} answers gRPC (HTTP/2${isTls ? " over TLS" : ""})`);
  } catch {
    // the reason of the abort says nothing: what the connection tried is in lastError
    return failed(
      `${upstream.address} accepts connections but gives no gRPC answer${because(upstream.lastError)}`,
      "another program may have the port: close it, or look which port LiveLink shows",
      isTls
        ? "see whether the server uses TLS, and whether --octane-ca and --octane-server-name fit its certificate"
        : "if the server expects TLS, give --octane-ca FILE",
      "if Octane shows a dialogue or hangs, close the dialogue or start it again",
    );
  } finally {
    stopListening();
  }
}

/** Whether that gRPC server is Octane: asks for its version, which changes nothing. */
export async function checkOctane(upstream: Upstream, contract: Contract): Promise<Finding> {
  try {
    const version = await read(upstream, contract, "ApiInfo", "octaneVersion");
    const name = await read(upstream, contract, "ApiInfo", "octaneName").catch(() => ({ result: "" }));
    const label = [name.result, version.result === undefined ? "" : `version ${version.result}`].filter(
      Boolean,
    );
    return ok(`it is ${label.join(", ") || "an Octane that gives no version"}`);
  } catch (error) {
    if (codeOf(error) === "UNIMPLEMENTED") {
      const hasCamera = await read(upstream, contract, "LiveLink", "GetCamera").catch(() => undefined);
      if (hasCamera !== undefined) return ok("it answers as LiveLink does, though it gives no version");
      return failed(
        `${upstream.address} is a gRPC server, but not Octane's LiveLink`,
        "look which port LiveLink shows, and give --octane HOST:PORT",
        "if another API is meant, all is well: load it with --proto, --descriptor-set or --reflection",
      );
    }
    return failed(
      `asking for Octane's version failed: ${messageOf(error)}`,
      "if Octane shows a dialogue or hangs, close the dialogue or start it again",
    );
  }
}

/** Which generation of the API it has, and whether that is the one asked for. */
export async function checkGeneration(
  upstream: Upstream,
  contract: Contract,
  wanted: Generation | "auto",
): Promise<Finding> {
  let found: Generation;
  try {
    await read(upstream, contract, "ApiControl", "getWebRTCStatus");
    found = "beta2";
  } catch (error) {
    if (codeOf(error) !== "UNIMPLEMENTED") {
      return failed(
        `asking for the generation failed: ${messageOf(error)}`,
        "give --generation alpha5 or beta2",
      );
    }
    found = "alpha5";
  }
  const name = `${generationTitles[found]} (${found})`;
  if (wanted === "auto" || wanted === found) return ok(`speaks the API of ${name}`);
  return failed(
    `speaks the API of ${name}, but --generation says ${wanted}`,
    "leave --generation out: it is detected",
  );
}

/**
 * Whether a whole frame fits in one message. Nothing is fetched, since fetching locks Octane's result: the film
 * size is read, and the largest frame of that size (float RGBA) held against the proxy's limit.
 */
export async function checkMessageSize(
  upstream: Upstream,
  contract: Contract,
  limitBytes: number,
): Promise<Finding> {
  const limit = megabytes(limitBytes);
  try {
    const { statistics } = await read(upstream, contract, "ApiRenderEngine", "getRenderStatistics");
    const { x = 0, y = 0 } = filmSize(statistics);
    if (x * y === 0)
      return ok(`messages up to ${limit} are accepted; nothing is rendered yet to compare with`);
    const frameBytes = x * y * 16;
    const text = `a ${x}x${y} frame has at most ${megabytes(frameBytes)}, messages up to ${limit} are accepted`;
    if (frameBytes < limitBytes) return ok(text);
    return failed(text, "render a smaller film, or 8-bit instead of float results");
  } catch (error) {
    return skipped(
      `messages up to ${limit} are accepted; the film size could not be read: ${messageOf(error)}`,
    );
  }
}

async function read(
  upstream: Upstream,
  contract: Contract,
  service: string,
  method: string,
): Promise<Record<string, unknown>> {
  const lookup = contract.findService(service);
  const found = lookup.kind === "found" ? lookup.service.methods.get(method) : undefined;
  if (found === undefined) throw new ProxyError("unknown_method", `the contract has no ${service}/${method}`);
  const { wire } = await upstream.unary(found.path, new Uint8Array(), { timeoutMs: answerTimeoutMs });
  return toJson(found.desc.output, fromBinary(found.desc.output, wire)) as Record<string, unknown>;
}

function filmSize(statistics: unknown): { x?: number; y?: number } {
  const { usedSize, setSize } = (statistics ?? {}) as { usedSize?: object; setSize?: object };
  return usedSize ?? setSize ?? {};
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2)} MiB`;
}

function because(reason: string | undefined): string {
  return reason === undefined ? "" : `: ${reason}`;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof ProxyError && error.reason === "upstream_status" ? error.code : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
