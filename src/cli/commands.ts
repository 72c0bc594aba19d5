import { call } from "./call.ts";
import type { Command } from "./command.ts";
import { contract } from "./contract.ts";
import { describe } from "./describe.ts";
import { doctor } from "./doctor.ts";
import { openapi } from "./openapi.ts";
import { replay } from "./replay.ts";
import { serve } from "./serve.ts";
import { simulate } from "./simulate.ts";
import { types } from "./types.ts";

/** Every command, in the order in which help lists them. */
export const commands: readonly Command[] = [
  serve,
  simulate,
  replay,
  contract,
  doctor,
  call,
  describe,
  types,
  openapi,
];
