import { randomBytes } from "node:crypto";
import { shuttingDown } from "../errors.ts";
import type { Clock } from "./clock.ts";
import type { RenderEvent, RenderResult } from "./render-event.ts";
import {
  Viewer,
  type ViewerCounters,
  type ViewerKind,
  type ViewerOptions,
  type ViewerSink,
} from "./viewer.ts";
import type { ViewerPlaces } from "./viewer-places.ts";

export interface HubStatus {
  readonly activeViewers: number;
  /** Since the start. */
  readonly totalViewers: number;
  /** Frames of viewers that have gone, and of those still here. */
  readonly frames: ViewerCounters;
  /** The same by kind of viewer, for kinds that have been there. */
  readonly byKind: ReadonlyMap<ViewerKind, ViewerCounters & { readonly open: number }>;
  readonly viewers: readonly (ViewerCounters & {
    readonly id: string;
    readonly kind: ViewerKind;
    readonly openedAtMs: number;
  })[];
}

/** Holds the newest render result and hands it to every viewer. */
export interface FrameHub {
  readonly newest: RenderResult | undefined;
  readonly viewerCount: number;
  /**
   * The viewer has the newest frame in its mailbox at once, and gets it after `start`.
   * @throws ProxyError `limit_reached` past the most viewers; `shutting_down` after `close`.
   */
  addViewer(options: ViewerOptions, sink: ViewerSink): Viewer;
  publish(result: RenderResult): void;
  notify(event: RenderEvent): void;
  /** Puts the newest frame into a viewer's mailbox again: after its options changed, or for better quality. */
  offerAgain(viewer: Viewer): void;
  /**
   * Resolves when a next frame is of use: somebody has taken the newest one, or a tenth of a second has passed since;
   * undefined where that is so already. Frames that nobody can take in time cost as much to fetch as others.
   */
  untilTaken(): Promise<void> | undefined;
  /** Forgets the newest frame. */
  clear(): void;
  /** Called when the number of viewers changed; returns the way to stop. */
  onViewersChange(listener: (count: number) => void): () => void;
  status(): HubStatus;
  /** Closes every viewer. Idempotent. */
  close(): void;
}

export interface FrameHubOptions {
  readonly places: ViewerPlaces;
  /** A viewer whose connection takes nothing for so long is closed. */
  readonly stallMs: number;
  readonly clock: Clock;
}

const mostTakingMs = 100;

export function createFrameHub({ places, stallMs, clock }: FrameHubOptions): FrameHub {
  const viewers = new Set<Viewer>();
  const listeners = new Set<(count: number) => void>();
  const gone = new Map<ViewerKind, ViewerCounters>();
  let newest: RenderResult | undefined;
  let totalViewers = 0;
  let isClosed = false;
  let isTaken = true;
  const waiting = new Set<() => void>();

  const taken = () => {
    isTaken = true;
    for (const wake of [...waiting]) wake();
  };
  const changed = () => {
    for (const listener of listeners) listener(viewers.size);
  };
  const forget = (viewer: Viewer) => {
    if (viewers.delete(viewer) && viewer.kind !== "export") places.leave();
    gone.set(viewer.kind, sumOf([gone.get(viewer.kind) ?? none, viewer.counters]));
    if (viewers.size === 0) taken();
    changed();
  };
  const replaceNewest = (result: RenderResult | undefined) => {
    const old = newest;
    newest = result;
    if (result === undefined) taken();
    result?.passes[0]?.memory?.hold();
    for (const { encodings } of old?.passes ?? []) encodings.dispose();
    old?.passes[0]?.memory?.release();
  };
  const onDelivered = (sequence: number) => {
    if (sequence === newest?.sequence) taken();
  };

  return {
    get newest() {
      return newest;
    },
    get viewerCount() {
      return viewers.size;
    },
    addViewer(options, sink) {
      if (isClosed) throw shuttingDown();
      if (options.kind !== "export") places.take();
      const id = randomBytes(8).toString("hex");
      const viewer = new Viewer({ id, options, sink, clock, stallMs, onClose: forget, onDelivered });
      totalViewers++;
      viewers.add(viewer);
      if (newest !== undefined) viewer.offer(newest);
      changed();
      return viewer;
    },
    publish(result) {
      isTaken = viewers.size === 0;
      for (const viewer of viewers) viewer.offer(result);
      replaceNewest(result);
    },
    notify(event) {
      for (const viewer of viewers) viewer.notify(event);
    },
    offerAgain(viewer) {
      if (newest !== undefined) viewer.offer(newest);
    },
    untilTaken() {
      if (isTaken) return undefined;
      return new Promise((resolve) => {
        const wake = () => {
          cancelWait();
          waiting.delete(wake);
          resolve();
        };
        const cancelWait = clock.after(mostTakingMs, wake);
        waiting.add(wake);
      });
    },
    clear: () => replaceNewest(undefined),
    onViewersChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    status: () => describe(viewers, gone, totalViewers),
    close() {
      isClosed = true;
      for (const viewer of [...viewers]) viewer.close("the proxy is shutting down");
      replaceNewest(undefined);
    },
  };
}

const none: ViewerCounters = { offered: 0, delivered: 0, dropped: 0, pending: 0 };

function sumOf(all: readonly ViewerCounters[]): ViewerCounters {
  const sum = (key: keyof ViewerCounters) => all.reduce((total, one) => total + one[key], 0);
  return {
    offered: sum("offered"),
    delivered: sum("delivered"),
    dropped: sum("dropped"),
    pending: sum("pending"),
  };
}

function describe(
  viewers: ReadonlySet<Viewer>,
  gone: ReadonlyMap<ViewerKind, ViewerCounters>,
  totalViewers: number,
): HubStatus {
  const list = [...viewers].map((viewer) => ({
    id: viewer.id,
    kind: viewer.kind,
    openedAtMs: viewer.openedAtMs,
    ...viewer.counters,
  }));
  const kinds = new Set([...gone.keys(), ...list.map(({ kind }) => kind)]);
  const byKind = [...kinds].map((kind) => {
    const open = list.filter((viewer) => viewer.kind === kind);
    const counters = sumOf([gone.get(kind) ?? none, ...open]);
    return [kind, { ...counters, open: open.length }] as const;
  });
  return {
    activeViewers: list.length,
    totalViewers,
    frames: sumOf([...gone.values(), ...list]),
    byKind: new Map(byKind),
    viewers: list,
  };
}
