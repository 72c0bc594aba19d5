import assert from "node:assert/strict";
import { test } from "node:test";
import type { Http2Stream } from "./stream.ts";
import { StreamTable } from "./stream-table.ts";

/** The table reads nothing but a stream's number. */
const stream = (id: number) => ({ id }) as Http2Stream;
const idsOf = (table: StreamTable) => table.all().map(({ id }) => id);

test("a stream is found by its number until it is taken out", () => {
  const table = new StreamTable();
  const [first, second] = [stream(1), stream(3)];
  table.add(first);
  table.add(second);
  assert.equal(table.get(1), first);
  assert.equal(table.get(3), second);
  assert.equal(table.get(5), undefined);
  table.delete(1);
  table.delete(1);
  assert.deepEqual([table.get(1), idsOf(table), table.size], [undefined, [3], 1]);
});

test("a stream that lasts is still found when thousands of others have come and gone", () => {
  const table = new StreamTable();
  const lasting = [stream(1), stream(3)];
  for (const each of lasting) table.add(each);
  for (let id = 5; id < 20_001; id += 2) {
    table.add(stream(id));
    if (id > 7) table.delete(id - 4);
  }
  assert.deepEqual([table.get(1), table.get(3)], lasting);
  assert.deepEqual([idsOf(table), table.size], [[1, 3, 19_997, 19_999], 4]);
  table.delete(1);
  assert.deepEqual([table.get(1), table.size], [undefined, 3]);
  assert.equal(table.get(2_049), undefined, "another number with the place of 1");
});

test("thousands at once are all found, in the order of their numbers", () => {
  const table = new StreamTable();
  const ids = Array.from({ length: 5_000 }, (_, index) => 2 * index + 1);
  for (const id of ids) table.add(stream(id));
  assert.deepEqual(idsOf(table), ids);
  for (const id of ids) assert.equal(table.get(id)?.id, id);
  table.clear();
  assert.deepEqual([idsOf(table), table.size, table.get(1)], [[], 0, undefined]);
});
