import { loadBuiltIn } from "../contract/built-in.ts";
import type { Generation } from "../contract/contract.ts";
import { silentLogger } from "../observe/logger.ts";
import type { SimulatorOptions } from "../options.ts";
import { createFaults, type Faults } from "./faults.ts";
import type { RenderEngine } from "./render/render-engine.ts";
import { createRenderServices, type RenderServices } from "./render/render-services.ts";
import { createCatalogue } from "./scene/catalogue.ts";
import { createHandleTable } from "./scene/handle-table.ts";
import { createIds } from "./scene/ids.ts";
import { createProjects } from "./scene/projects.ts";
import { Scene } from "./scene/scene.ts";
import { createSelection } from "./scene/selection.ts";
import { listen, type SimulatorServer } from "./server.ts";
import { serviceTables } from "./services/all.ts";
import type { SimulatorContext } from "./services/handler.ts";

/** A running simulated Octane. */
export interface Simulator {
  /** `127.0.0.1:51022`, as `octane` of the proxy's options takes it. */
  readonly address: string;
  /** The same as a URL, for clients that want one: gRPC over plaintext HTTP/2. */
  readonly url: string;
  readonly port: number;
  readonly generation: Generation;
  /** The open project, to look at and to change directly. */
  readonly scene: Scene;
  readonly faults: Faults;
  /** The renderer, with the faults of its callback streams. */
  readonly render: RenderServices;
  /** Breaks every connection; the server goes on listening. */
  dropConnections(): void;
  /** Breaks every connection and stops listening; project and scene stay. Idempotent. */
  stop(): Promise<void>;
  /** Listens again on the same port. @throws Error when another program took it */
  start(): Promise<void>;
  restart(): Promise<void>;
  /** Resolves when sockets, workers and timers are gone. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts an Octane without Octane: a gRPC server over the built-in contract with a sample scene.
 * It says that it is a simulator in its version texts, device names and log.
 * An engine that is given takes the place of the one that the options ask for, and is closed with the simulator.
 * @throws Error when the port cannot be had
 */
export async function createSimulator(
  options: SimulatorOptions = {},
  engine?: RenderEngine,
): Promise<Simulator> {
  const host = options.host ?? "127.0.0.1";
  const context = createContext(options);
  const module = createRenderServices(context, engine);
  const tables = [...serviceTables, ...module.tables];
  let server: SimulatorServer | undefined;
  try {
    server = await listen(context, tables, host, options.port ?? 0);
  } catch (error) {
    await module.close();
    throw error;
  }
  const { port } = server;
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  context.logger.info("simulator of Octane is listening; it is not Octane", {
    address,
    generation: context.generation,
  });

  const stop = async (): Promise<void> => {
    const running = server;
    server = undefined;
    await running?.close();
  };
  const start = async (): Promise<void> => {
    server ??= await listen(context, tables, host, port);
  };
  return {
    address,
    url: `http://${address}`,
    port,
    generation: context.generation,
    scene: context.scene,
    faults: context.faults,
    render: module,
    dropConnections: () => server?.dropConnections(),
    stop,
    start,
    async restart() {
      await stop();
      await start();
    },
    async close() {
      await stop();
      await module.close();
    },
  };
}

function createContext(options: SimulatorOptions): SimulatorContext {
  const generation = options.generation ?? "beta2";
  const contract = loadBuiltIn(generation);
  const ids = createIds(contract.registry);
  const scene = new Scene(ids, createCatalogue(ids));
  let lastCallbackId = 0;
  return {
    generation,
    contract,
    registry: contract.registry,
    ids,
    scene,
    handles: createHandleTable((handle) => scene.findItem(handle) !== undefined),
    pinInfoHandles: new Map(),
    projects: createProjects(scene, options.size),
    selection: createSelection(scene),
    nextCallbackId: () => ++lastCallbackId,
    faults: createFaults(),
    options,
    logger: (options.logger ?? silentLogger).child("simulator"),
    renderEngine: undefined,
  };
}
