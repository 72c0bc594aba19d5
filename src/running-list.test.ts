import assert from "node:assert/strict";
import { test } from "node:test";
import { createRunningList } from "./running-list.ts";

interface Named {
  readonly name: string;
  previous: Named | undefined;
  next: Named | undefined;
  isRunning: boolean;
}

const named = (name: string): Named => ({ name, previous: undefined, next: undefined, isRunning: false });

test("what runs stays in order of arrival until each is taken out, first, last or between", () => {
  const running = createRunningList<Named>();
  const [a, b, c, d] = ["a", "b", "c", "d"].map(named) as [Named, Named, Named, Named];
  const names = () => [...running].map(({ name }) => name).join("");
  for (const each of [a, b, c, d]) running.add(each);
  assert.deepEqual([names(), running.size], ["abcd", 4]);
  assert.equal(running.delete(b), true);
  assert.equal(names(), "acd");
  assert.equal(running.delete(d), true);
  assert.equal(names(), "ac");
  assert.equal(running.delete(a), true);
  assert.deepEqual([names(), running.size], ["c", 1]);
  running.add(a);
  assert.equal(names(), "ca");
});

test("what ends is taken out once, and keeps no other alive afterwards", () => {
  const running = createRunningList<Named>();
  const [a, b] = [named("a"), named("b")];
  running.add(a);
  running.add(b);
  assert.equal(running.delete(a), true);
  assert.equal(running.delete(a), false);
  assert.deepEqual([a.previous, a.next, running.size], [undefined, undefined, 1]);
});

test("what runs may end while all are looked at", () => {
  const running = createRunningList<Named>();
  for (const name of ["a", "b", "c"]) running.add(named(name));
  const seen: string[] = [];
  for (const each of running) {
    seen.push(each.name);
    running.delete(each);
  }
  assert.deepEqual([seen, running.size], [["a", "b", "c"], 0]);
});
