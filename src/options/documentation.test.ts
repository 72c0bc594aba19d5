import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { defaultOf, flagSyntax, keyOf, type OptionRow, variableOf } from "./option-row.ts";
import { optionTable, proxyRows } from "./option-table.ts";

const page = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8");
const lines = new Set(page.split("\n"));

/** The line that docs/configuration.md must have for an option: paste it there when a test prints it. */
function documentedRow(row: OptionRow): string {
  const variable = row.isFlagOnly ? "" : `\`${variableOf(row)}\``;
  const key = row.isFlagOnly || row.flag === "config" ? "" : `\`${keyOf(row)}\``;
  const only = row.commands.includes("serve") ? "" : ` (only \`${row.commands.join("`, `")}\`)`;
  return `| \`${flagSyntax(row)}\` | ${variable} | ${key} | ${defaultOf(row)} | ${row.description}${only} |`;
}

describe("docs/configuration.md has the row of", () => {
  for (const [name, row] of optionTable) {
    test(name, () => assert.ok(lines.has(documentedRow(row)), `expected this line:\n${documentedRow(row)}`));
  }
});

test("docs/configuration.md has no row of an option that is not there", () => {
  const expected = new Set([...optionTable.values()].map(documentedRow));
  const stale = [...lines].filter((line) => line.startsWith("| `--") && !expected.has(line));
  assert.deepEqual(stale, []);
});

test("no two options of a command share a flag, and none share a variable or a key", () => {
  const rows = [...optionTable.values()];
  const flags = rows.flatMap((row) => row.commands.map((command) => `${command} --${row.flag}`));
  for (const names of [flags, rows.map(variableOf), rows.map(keyOf)]) {
    assert.deepEqual([...new Set(names)], names);
  }
});

test("every default is one that its option accepts", () => {
  for (const [name, row] of optionTable) {
    const { default: standard, type } = row as OptionRow;
    if (standard === undefined) continue;
    assert.deepEqual(type.take(standard), standard, name);
    assert.deepEqual(type.read(type.write(standard)), standard, name);
  }
});

test("the library's options in the documentation are those of the table", () => {
  for (const name of Object.keys(proxyRows)) assert.ok(page.includes(`\`${name}\``), name);
});
