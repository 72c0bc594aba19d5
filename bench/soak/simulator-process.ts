// The Octane of the soak: the simulator, which can be told to misbehave, and which the parent kills now and then.
import { createSimulator } from "../../src/simulator/simulator.ts";
import { readArgument, serveParent } from "../frames/child.ts";
import type { SimulatorRequest } from "./messages.ts";

const { port } = readArgument<{ port: number }>();
const simulator = await createSimulator({ port, pattern: true, fps: 20, size: [320, 160] });
serveParent<SimulatorRequest>({ address: simulator.address, port: simulator.port }, (request) => {
  const { faults, render } = simulator;
  switch (request.type) {
    case "drop connections":
      return simulator.dropConnections();
    case "slow":
      return void faults.add({ fault: { kind: "delay", ms: 400 }, times: request.calls });
    case "hang":
      return void faults.add({ fault: { kind: "hang" }, times: request.calls });
    case "fail":
      return void faults.add({
        fault: { kind: "status", code: "FAILED_PRECONDITION", message: "as the soak asked" },
        times: request.calls,
      });
    case "drop streams":
      return render.streams.faults.dropStreams();
    case "heal":
      return faults.clear();
    case "streams":
      return render.streams.openStreams;
    default:
      return request satisfies never;
  }
});
