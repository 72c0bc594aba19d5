import type { FrameEvent } from "../../../src/client/frames.ts";
import type { ValueEntry } from "./inspector-entries.ts";
import type { SceneEdits } from "./scene-edits.ts";
import type { SceneSession } from "./scene-session.ts";

export interface SceneWatch {
  /** To be told of the events of `WS /render/ws`. */
  onEvent(event: FrameEvent): void;
  stop(): void;
}

export interface SceneWatchInit {
  readonly session: SceneSession;
  readonly edits: SceneEdits;
  readonly shownValues: () => readonly ValueEntry[];
  readonly selected: () => string | undefined;
}

const settleMs = 300;
const pollMs = 5_000;
/** Connections cost more calls than values: they are read at every fifth time. */
const pollsPerConnections = 5;
/** Within this time what has changed is most likely what was changed here: values only. */
const ownChangeMs = 1_500;

/**
 * Shows what others change. Octane tells of it by the change level of its render: then what is shown is read again, the
 * connections from the top to the selected node too. What does not start the render anew, such as an exposure, shows at
 * the next of the regular reads.
 */
export function watchScene({ session, edits, shownValues, selected }: SceneWatchInit): SceneWatch {
  let level: unknown;
  let isReading = false;
  let settling: ReturnType<typeof setTimeout> | undefined;
  let polls = 0;
  const polling = setInterval(() => {
    if (document.visibilityState === "visible") void read(++polls % pollsPerConnections === 0);
  }, pollMs);

  async function read(withConnections: boolean): Promise<void> {
    if (isReading || !session.isCurrent.peek() || session.loading.peek().kind !== "ready") return;
    isReading = true;
    try {
      const areAllThere = await edits.reread(shownValues());
      if (!isOwnChange() && (withConnections || !areAllThere)) await session.refresh(connectionsToRead());
    } catch {
      // It ends with the connection to Octane or to the proxy, which the header shows; the next read tries again.
    } finally {
      isReading = false;
    }
  }

  function isOwnChange(): boolean {
    return performance.now() - edits.lastAtMs < ownChangeMs;
  }

  /** On the way from the top to the selected node. */
  function connectionsToRead(): readonly string[] {
    const graph = session.graph.peek();
    const handle = selected();
    const below = handle === undefined ? [] : [...graph.ancestors(handle), handle];
    return [...new Set([graph.rootHandle, ...below])].filter((each) => each !== undefined);
  }

  return {
    onEvent(event) {
      if (event.type === "projectManagerChanged") session.reloadAsOther();
      if (event.type !== "newStatistics") return;
      const now = changeLevelOf(event);
      const isFirst = level === undefined;
      if (now === level) return;
      level = now;
      if (isFirst) return;
      clearTimeout(settling);
      settling = setTimeout(() => void read(true), settleMs);
    },
    stop() {
      clearInterval(polling);
      clearTimeout(settling);
    },
  };
}

function changeLevelOf(event: FrameEvent): unknown {
  const statistics = event.statistics as { readonly changeLevel?: { readonly value?: unknown } } | undefined;
  return statistics?.changeLevel?.value ?? 0;
}
