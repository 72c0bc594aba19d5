import { type Child, startChild } from "../frames/child.ts";
import type { SimulatorRequest } from "./messages.ts";

export const octaneFaults = [
  "killed and started again",
  "connections dropped",
  "slow",
  "hangs",
  "fails",
  "callback streams ended",
] as const;
export type OctaneFault = (typeof octaneFaults)[number];

/** The simulator in a process of its own, always on the same port. */
export interface OctaneChild {
  readonly address: string;
  break(fault: OctaneFault): Promise<void>;
  heal(): Promise<void>;
  openStreams(): Promise<number>;
  kill(): Promise<void>;
}

export async function startOctaneChild(): Promise<OctaneChild> {
  const start = (port: number) => startChild<SimulatorRequest>("../soak/simulator-process", { port });
  let child: Child<SimulatorRequest> = await start(0);
  const { address, port } = child.ready as { address: string; port: number };
  const actions: Readonly<Record<OctaneFault, () => Promise<unknown>>> = {
    "killed and started again": async () => {
      await child.kill();
      child = await start(port);
    },
    "connections dropped": () => child.ask({ type: "drop connections" }),
    slow: () => child.ask({ type: "slow", calls: 200 }),
    hangs: () => child.ask({ type: "hang", calls: 40 }),
    fails: () => child.ask({ type: "fail", calls: 200 }),
    "callback streams ended": () => child.ask({ type: "drop streams" }),
  };
  return {
    address,
    async break(fault) {
      await actions[fault]();
    },
    async heal() {
      await child.ask({ type: "heal" });
    },
    openStreams: async () => (await child.ask({ type: "streams" })) as number,
    kill: () => child.kill(),
  };
}
