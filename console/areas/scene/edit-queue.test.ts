import assert from "node:assert/strict";
import { test } from "node:test";
import { createEditQueue } from "./edit-queue.ts";

interface Sent {
  readonly edit: string;
  readonly done: () => void;
  readonly refuse: (error: Error) => void;
}

function startQueue() {
  const sent: Sent[] = [];
  const told: string[] = [];
  const queue = createEditQueue<string>({
    send: (edit) =>
      new Promise((done, refuse) => {
        sent.push({ edit, done, refuse });
      }),
    onDone: (key, edit) => told.push(`${key} has ${edit}`),
    onRefused: (key, edit, error, isLast) =>
      told.push(`${key} refused ${edit}${isLast ? "" : ", more to come"}: ${(error as Error).message}`),
  });
  return { sent, told, queue };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("while an edit is under way the latest wins, and the last is sent", async () => {
  const { sent, told, queue } = startQueue();
  for (const edit of ["1", "2", "3", "4"]) queue.put("a", edit);
  assert.deepEqual(
    sent.map(({ edit }) => edit),
    ["1"],
  );
  sent[0]?.done();
  await turn();
  assert.deepEqual(
    sent.map(({ edit }) => edit),
    ["1", "4"],
  );
  assert.equal(queue.isBusy("a"), true);
  sent[1]?.done();
  await turn();
  assert.equal(queue.isBusy("a"), false);
  assert.deepEqual(told, ["a has 1", "a has 4"]);
});

test("values do not wait for one another", () => {
  const { sent, queue } = startQueue();
  queue.put("a", "1");
  queue.put("b", "2");
  assert.deepEqual(
    sent.map(({ edit }) => edit),
    ["1", "2"],
  );
});

test("an edit that was refused does not keep the one behind it", async () => {
  const { sent, told, queue } = startQueue();
  queue.put("a", "1");
  queue.put("a", "2");
  sent[0]?.refuse(new Error("no"));
  await turn();
  sent[1]?.refuse(new Error("neither"));
  await turn();
  assert.deepEqual(told, ["a refused 1, more to come: no", "a refused 2: neither"]);
  assert.equal(queue.isBusy("a"), false);
});
