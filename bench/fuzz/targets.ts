import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Contract } from "../../src/contract/contract.ts";
import { createContracts } from "../../src/contract/create-contracts.ts";
import { createProxy, createSimulator, type ProxyHandle } from "../../src/index.ts";
import type { Logger } from "../../src/observe/logger.ts";
import { genericProtoDir } from "../../test/generic-server.ts";
import { startFuzzOctane } from "./fuzz-octane.ts";

/** A proxy to be fuzzed, and what is behind it. */
export interface FuzzProxy {
  readonly name: string;
  readonly proxy: ProxyHandle;
  readonly contract: Contract;
  /** Whether the call with this id was sent on; false where the upstream cannot tell. */
  reached(requestId: string): boolean;
  /** @throws Error when the proxy has logged a fault of its own. */
  throwFault(): void;
  close(): Promise<void>;
}

/** Before a gRPC server that answers with whatever each request says. */
export async function startBeforeFuzzOctane(): Promise<FuzzProxy> {
  const octane = await startFuzzOctane();
  const target = await start("hostile Octane", octane.address, (id) => octane.take(id));
  return {
    ...target,
    async close() {
      await target.close();
      octane.close();
    },
  };
}

/** Before the simulator, whose frames are test images. */
export async function startBeforeSimulator(): Promise<FuzzProxy> {
  const simulator = await createSimulator({ pattern: true, fps: 10, size: [64, 32] });
  const target = await start("simulator", simulator.address, () => false);
  return {
    ...target,
    async close() {
      await target.close();
      await simulator.close();
    },
  };
}

async function start(
  name: string,
  octane: string,
  reached: (requestId: string) => boolean,
): Promise<FuzzProxy> {
  const clientLogDir = mkdtempSync(join(tmpdir(), "octane-fuzz-"));
  const { logger, throwFault } = listenForFaults();
  const proxy = await createProxy({
    port: 0,
    octane,
    generation: "beta2",
    proto: [genericProtoDir],
    clientLogDir,
    logger,
  });
  await proxy.ready();
  return {
    name,
    proxy,
    contract: createContracts({ protoDirs: [genericProtoDir] }).of("beta2"),
    reached,
    throwFault,
    async close() {
      await proxy.close();
      rmSync(clientLogDir, { recursive: true, force: true });
    },
  };
}

/** What the proxy logs as an error is a fault of its own: bad requests and a bad Octane are not. */
function listenForFaults(): { readonly logger: Logger; throwFault(): void } {
  let fault: string | undefined;
  const logger: Logger = {
    debug() {},
    info() {},
    warn() {},
    error(message, fields) {
      const { err } = fields ?? {};
      fault ??= `${message} ${err instanceof Error ? (err.stack ?? err.message) : ""} ${causeOf(err)}`;
    },
    isEnabled: (level) => level === "error",
    child: () => logger,
  };
  return {
    logger,
    throwFault() {
      if (fault !== undefined) throw new Error(`the proxy logged an error: ${fault}`);
    },
  };
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? (cause.stack ?? cause.message) : "";
}
