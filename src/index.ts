export type { Generation } from "./contract/contract.ts";
export { ContractSourceError } from "./contract/contract-source-error.ts";
export { type GrpcCode, ProxyError, type Reason } from "./errors.ts";
export type { Logger, LogLevel } from "./observe/logger.ts";
export { type OctaneTls, OptionError, type ProxyOptions, type SimulatorOptions } from "./options.ts";
export { createProxy, type Middleware, type ProxyHandle, type UpgradeListener } from "./proxy.ts";
export { createSimulator, type Simulator } from "./simulator/simulator.ts";
