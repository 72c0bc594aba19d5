import type { Contract, ContractReport, ContractService, Generation } from "../../contract/contract.ts";
import { generationTitles } from "../../rpc/translation-plan.ts";

/** A contract for reading: totals, sources, services, what was left out. */
export function describeContract({ generation, services, report }: Contract): string {
  const all = [...services.values()];
  const total = all.reduce((sum, { methods }) => sum + methods.size, 0);
  return [
    `${generationTitles[generation]} (${generation}): ${count(all.length, "service")}, ${count(total, "RPC")}`,
    "",
    "sources (of a service that several have, the first counts)",
    ...indented(
      report.sources.map(({ source, files, services: served, methods }) => [
        source,
        count(files, "file"),
        count(served, "service"),
        count(methods, "RPC"),
      ]),
    ),
    "",
    "services",
    ...indented(all.map(({ fullName, methods, source }) => [fullName, count(methods.size, "RPC"), source])),
    "",
    report.leftOut.length === 0 ? "nothing was left out" : "left out",
    ...report.leftOut.map((item) => `  ${describeLeftOut(item)}`),
  ].join("\n");
}

/** One service for reading: each RPC with its kind, request and reply. */
export function describeService({
  generation,
  service,
}: {
  readonly generation: Generation;
  readonly service: ContractService;
}): string {
  const rows = [...service.methods.values()].map(({ name, kind, desc, readsOnly }) => [
    name,
    `${desc.input.typeName} → ${desc.output.typeName}`,
    [kind === "unary" ? "" : kind.replaceAll("_", " "), readsOnly ? "only reads" : ""]
      .filter(Boolean)
      .join(", "),
  ]);
  const title = `${service.fullName} of ${generationTitles[generation]}: ${count(rows.length, "RPC")}, from ${service.source}`;
  return [title, ...indented(rows)].join("\n");
}

/** `file:line: reason` */
export function describeLeftOut({ file, line, reason }: ContractReport["leftOut"][number]): string {
  return `${file}${line === undefined ? "" : `:${line}`}: ${reason}`;
}

function indented(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, column) => Math.max(cell.length, widest[column] ?? 0)),
    [],
  );
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
  );
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
