export { type GrpcCode, ProxyError, type Reason } from "./errors.ts";
export type { ProxyOptions, SimulatorOptions } from "./options.ts";
