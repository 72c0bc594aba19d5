import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createTickets } from "./ticket.ts";

const path = "/render/stream";

describe("a ticket", () => {
  test("admits to its route, again and again, and nowhere else", () => {
    const tickets = createTickets();
    const ticket = tickets.issue(path);
    assert.equal(tickets.admit(ticket, "/render/stream.mjpeg"), undefined);
    assert.equal(tickets.admit(`${ticket}x`, path), undefined);
    assert.equal(tickets.admit("", path), undefined);
    for (let time = 0; time < 3; time++) tickets.admit(ticket, path)?.onGone();
    assert.ok(tickets.admit(ticket, path));
  });

  test("is void a minute after it was given, when nobody has used it", () => {
    let nowMs = 0;
    const tickets = createTickets(() => nowMs);
    const [used, unused] = [tickets.issue(path), tickets.issue(path)];
    nowMs = 59_999;
    assert.ok(tickets.admit(used, path));
    nowMs = 60_000;
    assert.equal(tickets.admit(unused, path), undefined);
    assert.ok(tickets.admit(used, path));
  });

  test("lives while somebody views with it, and an hour after", () => {
    let nowMs = 0;
    const tickets = createTickets(() => nowMs);
    const ticket = tickets.issue(path);
    const viewer = tickets.admit(ticket, path);
    nowMs = 24 * 3_600_000;
    tickets.admit(ticket, path)?.onGone();
    nowMs += 2 * 3_600_000;
    const other = tickets.admit(ticket, path);
    assert.ok(other);
    other.onGone();
    viewer?.onGone();
    viewer?.onGone();
    nowMs += 3_600_000 - 1;
    tickets.admit(ticket, path)?.onGone();
    nowMs += 3_600_000;
    assert.equal(tickets.admit(ticket, path), undefined);
  });

  test("makes room for new ones, but not while somebody views with it", () => {
    const tickets = createTickets();
    const [viewed, idle] = [tickets.issue(path), tickets.issue(path)];
    assert.ok(tickets.admit(viewed, path));
    for (let count = 0; count < 2_000; count++) tickets.issue(path);
    assert.equal(tickets.admit(idle, path), undefined);
    assert.ok(tickets.admit(viewed, path));
  });
});
