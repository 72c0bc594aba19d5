import type { Contract } from "../../contract/contract.ts";
import { createContracts } from "../../contract/create-contracts.ts";
import { resolveOptions } from "../../options.ts";
import type { CommandContext } from "../command.ts";
import { namingSettings, readProxyOptions } from "../proxy-options.ts";
import { reflectUpstream } from "./reflect-upstream.ts";

/** The one contract that the settings amount to: Beta 2's where nothing decides. @throws UsageError, FailureError */
export async function loadContract({ settings, environment }: CommandContext): Promise<Contract> {
  const options = readProxyOptions(settings, environment);
  const reflected = options.reflection ? await reflectUpstream(resolveOptions(options)) : undefined;
  const contracts = namingSettings(settings, () =>
    createContracts({ protoDirs: options.proto, descriptorSets: options.descriptorSet, reflected }),
  );
  const wanted = options.generation === "auto" ? undefined : options.generation;
  return contracts.of(wanted ?? contracts.decidedGeneration ?? "beta2");
}
