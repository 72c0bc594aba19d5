import type { Metadata } from "../errors.ts";
import type { MetadataPairs } from "./record.ts";

const secretNames = /auth|cookie|token|secret|passw|credential|api-?key|session|signature/i;

/** HTTP's own, the same with every reply; a replay sets them itself. */
const transportNames = new Set(["content-type", "date"]);

/** Metadata without entries that are, by their name, credentials: neither they nor their names are written. */
export function redactMetadata(metadata: Metadata | undefined): MetadataPairs {
  return [...(metadata ?? [])].filter(([name]) => !secretNames.test(name) && !transportNames.has(name));
}
