import { get } from "node:http";
import type { Generation } from "../../src/contract/contract.ts";
import { startChild } from "./child.ts";
import { type Claim, createClaims } from "./claims.ts";
import { createEventReader } from "./event-reader.ts";
import { usageOf } from "./measure.ts";
import type { ProxyRequest, SourceReady, SourceRequest } from "./messages.ts";
import type { SourceArgument } from "./source-process.ts";

const size = [1024, 512] as const;
const mostMs = 150;

interface ImageEvent {
  readonly type: string;
  readonly render_images: { readonly data: readonly { readonly changeLevel: { readonly value: number } }[] };
}

/** Moves the camera of a rendering Octane through the proxy, and sees when a viewer has the first picture from there. */
export async function proveFirstImage(generation: Generation, rounds: number): Promise<readonly Claim[]> {
  const { claims, claim } = createClaims(generation);
  const argument: SourceArgument = { generation, size, fps: 20, port: 0, pattern: false };
  const source = await startChild<SourceRequest>("source-process", argument);
  const { address } = source.ready as SourceReady;
  const proxy = await startChild<ProxyRequest>("proxy-process", { octane: address });
  const viewer = openChangeViewer(String(proxy.ready));
  try {
    let level = await viewer.nextAbove(-1);
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const startMs = performance.now();
      const angle = round / 5;
      const [next] = await Promise.all([
        viewer.nextAbove(level),
        moveCamera(String(proxy.ready), [6 * Math.sin(angle), 3, 6 * Math.cos(angle)]),
      ]);
      times.push(performance.now() - startMs);
      level = next;
      // Into the refining, as a hand that rests for a while.
      await new Promise((resolve) => setTimeout(resolve, 60 + (round % 5) * 37));
    }
    times.sort((a, b) => a - b);
    const [middle = 0, late = 0, worst = 0] = [0.5, 0.95, 1].map(
      (part) => times[Math.ceil(times.length * part) - 1],
    );
    claim(
      `a viewer has the first picture within ${mostMs} ms of a camera move, at ${size.join("x")}`,
      late < mostMs,
      `${rounds} moves: p50 ${middle.toFixed(0)} ms, p95 ${late.toFixed(0)} ms, worst ${worst.toFixed(0)} ms`,
    );
    await source.ask({ type: "pause" });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const before = await usageOf(source as never);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const restMs = (await usageOf(source as never)).cpuMs - before.cpuMs;
    claim("a render at rest costs nothing", restMs < 60, `${restMs.toFixed(0)} ms of CPU in 2 s`);
  } finally {
    viewer.close();
    await Promise.all([source.kill(), proxy.kill()]);
  }
  return claims;
}

function openChangeViewer(url: string): { nextAbove(level: number): Promise<number>; close(): void } {
  let newest = -1;
  let wake = (): void => undefined;
  const request = get(`${url}/render/stream`, { agent: false }, (response) => {
    response.on("error", () => undefined);
    response.on(
      "data",
      createEventReader((line) => {
        const event = JSON.parse(line.slice("data: ".length)) as ImageEvent;
        if (event.type !== "newImage") return;
        newest = event.render_images.data[0]?.changeLevel.value ?? newest;
        wake();
      }),
    );
  });
  request.on("error", () => undefined);
  return {
    nextAbove: (level) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("no picture of the change for 20 s")), 20_000);
        wake = () => {
          if (newest <= level) return;
          clearTimeout(timer);
          resolve(newest);
        };
        wake();
      }),
    close: () => request.destroy(),
  };
}

async function moveCamera(url: string, [x, y, z]: readonly [number, number, number]): Promise<void> {
  const response = await fetch(`${url}/LiveLink/SetCamera`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ position: { x, y, z }, target: { x: 0, y: 1, z: 0 } }),
  });
  if (!response.ok) throw new Error(await response.text());
  await response.arrayBuffer();
}
