import { freemem, totalmem } from "node:os";
import type { RenderEngine } from "../render/render-engine.ts";
import type { Fields, ServiceTable } from "./handler.ts";
import { invalid } from "./status.ts";

/** What clients show as the name of the graphics card; nobody may mistake it for one. */
export const deviceName = "OctaneProxy simulator (CPU path tracer)";

/** `RENDER_DEVICE_STATE_ACTIVE_OK` */
const activeOk = 4;
/** `octaneapi.RenderError` in order. */
const errorTexts = [
  "no error",
  "not enough device memory",
  "not enough host memory",
  "kernel failed",
  "activation required",
  "device unsupported",
  "peer connection closed",
  "module load failed",
  "OSL error",
  "internal OSL error",
  "LOD data error",
  "unspecified error",
];

type Indexed = {
  readonly index?: number;
  readonly deviceIx?: number;
};

/** Calls about render devices and memory. The simulator has one device, the CPU. */
export function deviceHandlers(engine: RenderEngine): NonNullable<ServiceTable["unary"]> {
  /** Device settings that change nothing here but read back as they were set. */
  let outOfCoreLimit: bigint | undefined;
  let gpuHeadroom = 0n;

  const onDevice =
    (reply: () => Fields) =>
    ({ index, deviceIx }: Indexed): Fields => {
      const ix = index ?? deviceIx ?? 0;
      if (ix !== 0) throw invalid(`no render device ${ix}: the simulator has one, number 0`);
      return reply();
    };

  return {
    getDeviceCount: () => ({ result: 1 }),
    getDeviceName: onDevice(() => ({ result: deviceName })),
    getDeviceComputeModel: onDevice(() => ({ result: 0 })),
    getDevicePciIds: onDevice(() => ({ pciBusId: 0n, pciDeviceId: 0n })),
    isSupportedDevice: onDevice(() => ({ result: true })),
    deviceCanRender: onDevice(() => ({ result: true })),
    deviceCanDenoise: onDevice(() => ({ result: false })),
    deviceSupportsHardwareRayTracing: onDevice(() => ({ result: false })),
    deviceUsesHardwareRayTracing: onDevice(() => ({ result: false })),
    hardwareRayTracingEnabled: () => ({ result: false }),
    deviceSharedSurfaceInfo: onDevice(() => ({ result: {} })),
    deviceUsesPriority: onDevice(() => ({ result: true })),
    isDeviceUsedForRendering: onDevice(() => ({ result: true })),
    isDeviceUsedForDenoising: onDevice(() => ({ result: false })),
    imageDeviceIndex: () => ({ result: 0 }),
    renderDeviceState: onDevice(() => ({ result: activeOk })),
    renderDeviceErrorCode: onDevice(() => ({ result: 0 })),
    renderDeviceErrorMessage: onDevice(() => ({ result: "" })),
    errorcodeToString: ({ code }: { code: number }) => ({
      result: errorTexts[code] ?? `unknown error ${code}`,
    }),
    getAvailablePeerToPeerPairs: () => ({ result: { data: [] }, count: 0 }),
    currentPeerToPeerGroups: () => ({ result: { data: [] }, groupCount: 0 }),
    setDevicesActivity: ({ renderDeviceIxs }: { renderDeviceIxs?: { data: readonly number[] } }) => ({
      result: (renderDeviceIxs?.data ?? []).every((ix) => ix === 0),
    }),
    openDeviceSettings: () => ({}),
    saveRenderDeviceConfig: () => ({}),
    setCoreLimit: () => ({}),
    disableCoreLimit: () => ({}),
    outOfCoreEnabled: () => ({ result: outOfCoreLimit !== undefined }),
    enableOutOfCore({ limit }: { limit: bigint }) {
      outOfCoreLimit = limit;
      return {};
    },
    disableOutOfCore() {
      outOfCoreLimit = undefined;
      return {};
    },
    getOutOfCoreMemoryUsage: () => ({
      usedOutOfCore: 0n,
      maxOutOfCore: outOfCoreLimit ?? 0n,
      usedByOctane: BigInt(process.memoryUsage.rss()),
      totalUsed: BigInt(totalmem() - freemem()),
      totalRam: BigInt(totalmem()),
    }),
    setGpuHeadroom({ gpuHeadroom: bytes }: { gpuHeadroom: bigint }) {
      gpuHeadroom = bytes;
      return {};
    },
    getGpuHeadroom: () => ({ result: gpuHeadroom }),
    getMemoryUsage: onDevice(() => ({
      memUsage: {
        usedDeviceMemory: BigInt(filmBytes(engine) + geometryBytes(engine)),
        freeDeviceMemory: BigInt(freemem()),
        totalDeviceMemory: BigInt(totalmem()),
        outOfCoreMemory: 0n,
        peerToPeerBytesUsed: 0n,
      },
    })),
    getResourceStatistics({ deviceIx, memoryLocation }: Indexed & { readonly memoryLocation: number }) {
      const isOnDevice = memoryLocation === 0;
      return onDevice(() => ({
        resourceStats: {
          filmDataSize: BigInt(isOnDevice ? filmBytes(engine) : 0),
          geometryDataSize: BigInt(isOnDevice ? geometryBytes(engine) : 0),
        },
      }))({ deviceIx: deviceIx ?? 0 });
    },
    getGeometryStatistics: () => {
      const meshes = engine.settings?.meshes ?? [];
      const triCount = meshes.reduce((sum, mesh) => sum + mesh.indices.length / 3, 0);
      return { stats: { triCount, instanceCount: meshes.length } };
    },
    getTexturesStatistics: () => ({ textureStats: {} }),
  };
}

function geometryBytes(engine: RenderEngine): number {
  return (engine.settings?.meshes ?? []).reduce(
    (sum, { positions, normals, indices }) =>
      sum + positions.byteLength + normals.byteLength + indices.byteLength,
    0,
  );
}

/** Sums, and the picture developed from them. */
function filmBytes(engine: RenderEngine): number {
  const { settings, subSampling } = engine;
  if (settings === undefined) return 0;
  return Math.ceil(settings.width / subSampling) * Math.ceil(settings.height / subSampling) * (12 + 16);
}
