import { createHash, randomBytes } from "node:crypto";

/** Admission of viewers that cannot send the token: EventSource and `<img>`. */
export interface Tickets {
  /** A new ticket for one path; the oldest unused one makes room where there are too many. */
  issue(path: string): string;
  /**
   * True for a ticket of that path: not older than a minute at its first use, then for as long as somebody views with it
   * and an hour after. `onGone` is to be called when that viewer has left.
   */
  admit(ticket: string, path: string): { readonly onGone: () => void } | undefined;
}

export const firstUseMs = 60_000;
const idleMs = 3_600_000;
const maxTickets = 1_000;

interface Entry {
  readonly path: string;
  /** Until then it may be used; while somebody views with it, always. */
  expiresAtMs: number;
  viewers: number;
}

export function createTickets(nowMs: () => number = () => performance.now()): Tickets {
  /** By hash, so that the time of a look-up tells nothing about the ticket. */
  const entries = new Map<string, Entry>();

  const makeRoom = (): void => {
    for (const [key, { expiresAtMs, viewers }] of entries) {
      if (viewers === 0 && expiresAtMs <= nowMs()) entries.delete(key);
    }
    for (const [key, { viewers }] of entries) {
      if (entries.size < maxTickets) return;
      if (viewers === 0) entries.delete(key);
    }
  };

  return {
    issue(path) {
      makeRoom();
      const ticket = randomBytes(24).toString("base64url");
      entries.set(hash(ticket), { path, expiresAtMs: nowMs() + firstUseMs, viewers: 0 });
      return ticket;
    },
    admit(ticket, path) {
      const key = hash(ticket);
      const entry = entries.get(key);
      if (entry === undefined || entry.path !== path) return undefined;
      if (entry.viewers === 0 && entry.expiresAtMs <= nowMs()) {
        entries.delete(key);
        return undefined;
      }
      entry.viewers++;
      // The newest use goes last: room is made from the front.
      entries.delete(key);
      entries.set(key, entry);
      let isHere = true;
      return {
        onGone() {
          if (!isHere) return;
          isHere = false;
          entry.viewers--;
          entry.expiresAtMs = nowMs() + idleMs;
        },
      };
    },
  };
}

function hash(ticket: string): string {
  return createHash("sha256").update(ticket).digest("base64");
}
