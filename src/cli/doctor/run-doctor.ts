import { loadBuiltIn } from "../../contract/built-in.ts";
import { silentLogger } from "../../observe/logger.ts";
import { type OctaneOptions, type ResolvedOptions, resolveOptions } from "../../options.ts";
import {
  findCandidates,
  formatAddress,
  parseAddress,
  type UpstreamAddress,
} from "../../upstream/candidates.ts";
import { maxReceiveBytes } from "../../upstream/channel.ts";
import { createUpstream } from "../../upstream/create-upstream.ts";
import { type CommandContext, exitCodes } from "../command.ts";
import { readProxyOptions } from "../proxy-options.ts";
import { type CheckResult, type Finding, skipped } from "./check.ts";
import { checkContainer, checkName, checkPort } from "./network-checks.ts";
import { checkGeneration, checkGrpc, checkMessageSize, checkOctane } from "./octane-checks.ts";

/** Runs every check in turn, for one Octane after the other, and prints what each found. */
export async function runDoctor(context: CommandContext): Promise<number> {
  const { settings, environment, print } = context;
  const options = resolveOptions(readProxyOptions(settings, environment));
  const results: CheckResult[] = [];
  const isJson = settings.get("json") === true;
  for (const octane of options.octanes) {
    const ofOctane = options.octanes.length > 1 ? { octane: octane.name } : {};
    if (!isJson && ofOctane.octane !== undefined) print(`${octane.name}, ${octane.address}:`);
    await checkOne(octane, options, (check, finding) => {
      results.push({ ...ofOctane, check, ...finding });
      if (!isJson) print(textOf({ check, ...finding }));
      return finding.status === "ok";
    });
  }
  const failures = results.filter(({ status }) => status === "failed").length;
  if (isJson) print(JSON.stringify({ ok: failures === 0, checks: results }, null, 2));
  else
    print(failures === 0 ? "all is well" : "do what the first failed line says, then run the doctor again");
  return failures === 0 ? exitCodes.done : exitCodes.failed;
}

async function checkOne(octane: OctaneOptions, options: ResolvedOptions, report: Report): Promise<void> {
  const { inContainer } = options;
  const places = await findCandidates({ octane: octane.address, inContainer });
  const { address, name, port } = await findOpenPort(places.map(parseAddress));
  const reached = address && formatAddress(address);
  const isAddressGiven = octane.address !== undefined;
  report("container", await checkContainer({ inContainer, isAddressGiven, reached }));
  report("name", name);
  report("port", port);
  if (address !== undefined) return checkServer(address, options, report);
  for (const check of ["grpc", "octane", "generation", "message size"]) {
    report(check, skipped("needs an open port"));
  }
}

type Report = (check: string, finding: Finding) => boolean;

interface OpenPort {
  readonly address?: UpstreamAddress;
  readonly name: Finding;
  readonly port: Finding;
}

/** The first candidate that accepts connections; with none, the findings about the first one. */
async function findOpenPort(candidates: readonly UpstreamAddress[]): Promise<OpenPort> {
  let first: OpenPort | undefined;
  for (const address of candidates) {
    const name = await checkName(address);
    const port = name.status === "ok" ? await checkPort(address) : skipped("needs an address");
    if (port.status === "ok") return { address, name, port };
    first ??= { name, port };
  }
  return first ?? { name: skipped("no address to check"), port: skipped("no address to check") };
}

async function checkServer(
  address: UpstreamAddress,
  { octaneTls, generation, transport }: ResolvedOptions,
  report: Report,
): Promise<void> {
  const upstream = createUpstream({
    candidates: [formatAddress(address)],
    tls: octaneTls,
    transport,
    logger: silentLogger,
  });
  try {
    const contract = loadBuiltIn("beta2");
    const isGrpc = report("grpc", await checkGrpc(upstream, octaneTls !== undefined));
    const isOctane = report(
      "octane",
      isGrpc ? await checkOctane(upstream, contract) : skipped("needs a gRPC answer"),
    );
    const needsOctane = skipped("needs Octane");
    report("generation", isOctane ? await checkGeneration(upstream, contract, generation) : needsOctane);
    report(
      "message size",
      isOctane ? await checkMessageSize(upstream, contract, maxReceiveBytes) : needsOctane,
    );
  } finally {
    await upstream.close();
  }
}

function textOf({ check, status, text, advice = [] }: CheckResult): string {
  const indent = " ".repeat(24);
  return [
    `${status.padEnd(9)}${check.padEnd(15)}${text}`,
    ...advice.map((line) => `${indent}- ${line}`),
  ].join("\n");
}
