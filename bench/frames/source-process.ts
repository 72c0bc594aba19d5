import { relaxGarbageCollection } from "../../src/cli/garbage-collection.ts";
import type { Generation } from "../../src/contract/contract.ts";
import { createSimulator } from "../../src/simulator/simulator.ts";
import { readArgument, readUsage, serveParent } from "./child.ts";
import type { SourceReady, SourceRequest } from "./messages.ts";

export interface SourceArgument {
  readonly generation: Generation;
  readonly size: readonly [number, number];
  readonly fps: number;
  /** Default true; false renders the sample scene. */
  readonly pattern?: boolean;
  /** 0 takes a free one. */
  readonly port: number;
}

/** As many as any measurement lasts. */
const maxRemembered = 100_000;

relaxGarbageCollection();
const { generation, size, fps, port, pattern = true } = readArgument<SourceArgument>();
const simulator = await createSimulator({ generation, size, fps, port, pattern });
const listeningAtMs = performance.timeOrigin + performance.now();
const { engine } = simulator.render;
let made: [number, number][] = [];
engine.onImage(({ samples }) => {
  if (made.length < maxRemembered) made.push([samples - 1, performance.timeOrigin + performance.now()]);
});

const ready: SourceReady = { address: simulator.address, listeningAtMs };
serveParent<SourceRequest>(ready, (request) => {
  switch (request.type) {
    case "usage":
      return readUsage();
    case "pause":
      return engine.pause();
    case "resume":
      return engine.resume();
    case "fps":
      engine.fps = request.fps;
      return undefined;
    case "made": {
      const list = made;
      made = [];
      return list;
    }
  }
});
