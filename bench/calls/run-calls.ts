import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, startChild } from "../frames/child.ts";
import type { SourceReady, SourceRequest } from "../frames/messages.ts";
import { checkAnswer } from "./check-answer.ts";
import type { GoPrograms } from "./go-programs.ts";
import type { LoadMaker } from "./load.ts";
import { type Case, measureRound, type Sample } from "./measure.ts";
import type { Message } from "./messages.ts";
import { type RecordedRequest, recordSceneLoad } from "./scene-load.ts";
import { type ServerProcess, startOwnServer, startServer } from "./server-process.ts";
import { type ServerName, startEchoServers, startProxy, startSceneServers } from "./servers.ts";

export interface RunInit {
  readonly messages: readonly Message[];
  readonly withScene: boolean;
  readonly servers: readonly ServerName[];
  readonly connections: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
  readonly maker: LoadMaker;
  readonly go: GoPrograms | undefined;
  readonly onSample: (sample: Sample) => void;
}

/** Runs everything, round by round, so that what else the machine does meets all servers alike. */
export async function runCalls(init: RunInit): Promise<readonly Sample[]> {
  const folder = await mkdtemp(join(tmpdir(), "octane-proxy-bench-"));
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const groups = [
      ...(init.messages.length > 0 ? [await startEcho(init, folder, closers)] : []),
      ...(init.withScene ? [await startScene(init, folder, closers)] : []),
    ];
    const samples: Sample[] = [];
    for (let round = 0; round < init.rounds; round++) {
      for (const { cases, servers } of groups) {
        for (const each of cases) {
          const measured = await measureRound(init.maker, inTurn([...servers], round), each, {
            round,
            seconds: init.seconds,
            before: samples,
          });
          samples.push(...measured);
          for (const sample of measured) init.onSample(sample);
        }
      }
    }
    return samples;
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

interface Group {
  readonly cases: readonly Case[];
  readonly servers: ReadonlyMap<ServerName, ServerProcess>;
}

type Closers = (() => Promise<unknown>)[];

async function startEcho(init: RunInit, folder: string, closers: Closers): Promise<Group> {
  const upstream =
    init.go === undefined ? await startOwnServer("upstream-server") : await startServer(init.go.upstream, []);
  closers.push(() => upstream.stop());
  const repliesFile = join(folder, "echo-replies");
  const replies = init.messages.map(({ path, body }) => ({ path, body, reply: enveloped(body) }));
  await writeRequests(
    repliesFile,
    replies.map(({ path, reply }) => [path, reply]),
  );
  const servers = await startEchoServers(init.servers, {
    octane: `127.0.0.1:${upstream.port}`,
    gateway: init.go?.gateway,
    repliesFile,
  });
  for (const [name, server] of servers) {
    closers.push(() => server.stop());
    for (const request of replies) await checkAnswer(name, server, request);
  }
  const cases: Case[] = [];
  for (const { name, path, body, warmUpCalls, maxConnections } of init.messages) {
    const requestsFile = join(folder, name);
    await writeRequests(requestsFile, [[path, body]]);
    for (const connections of init.connections.filter((count) => count <= maxConnections)) {
      cases.push({ name, connections, requestsFile, warmUpCalls });
    }
  }
  return { cases, servers };
}

/** A client that loads a scene makes one call after the other. */
async function startScene(init: RunInit, folder: string, closers: Closers): Promise<Group> {
  const simulator: Child<SourceRequest> = await startChild("source-process", {
    ...{ generation: "alpha5", size: [64, 64], fps: 1, port: 0 },
  });
  closers.push(() => simulator.kill());
  await simulator.ask({ type: "pause" });
  const octane = (simulator.ready as SourceReady).address;
  const requests = await recordThroughProxy(octane);
  const repliesFile = join(folder, "scene-replies");
  const requestsFile = join(folder, "scene");
  await writeRequests(
    repliesFile,
    requests.map(({ path, reply }) => [path, reply]),
  );
  await writeRequests(
    requestsFile,
    requests.map(({ path, body }) => [path, body]),
  );
  const servers = await startSceneServers(init.servers, { octane, repliesFile });
  for (const [name, server] of servers) {
    closers.push(() => server.stop());
    const [first] = requests;
    if (first !== undefined) await checkAnswer(name, server, first);
  }
  return { cases: [{ name: "scene", connections: 1, requestsFile, warmUpCalls: requests.length }], servers };
}

async function recordThroughProxy(octane: string): Promise<readonly RecordedRequest[]> {
  const proxy = await startProxy(octane, []);
  try {
    return await recordSceneLoad(`http://127.0.0.1:${proxy.port}`);
  } finally {
    await proxy.stop();
  }
}

/** A line for each: a path, a tab, and JSON, which has neither tabs nor line breaks of its own. */
function writeRequests(file: string, requests: readonly (readonly [string, string])[]): Promise<void> {
  return writeFile(file, requests.map((line) => `${line.join("\t")}\n`).join(""));
}

function enveloped(message: string): string {
  return `{"success":true,"data":${message}}`;
}

/** Each round begins with another one. */
function inTurn<T>(list: readonly T[], round: number): readonly T[] {
  const start = round % Math.max(1, list.length);
  return [...list.slice(start), ...list.slice(0, start)];
}
