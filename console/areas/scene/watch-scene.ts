import { OctaneError } from "../../../src/client/client.ts";
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
const pollMs = 3_000;
/** Within this time a new change level is what our own change led to. */
const ownChangeMs = 1_500;

/**
 * Shows what others change. Octane tells of it by the change level of its render: then what is shown is read again, the
 * connections of the selected node and what the scene owns too. What does not start the render anew, such as an
 * exposure, shows at the next of the regular reads.
 */
export function watchScene({ session, edits, shownValues, selected }: SceneWatchInit): SceneWatch {
  let level: unknown;
  let isReading = false;
  let settling: ReturnType<typeof setTimeout> | undefined;
  const polling = setInterval(() => {
    if (document.visibilityState === "visible") void read(false);
  }, pollMs);

  async function read(withConnections: boolean): Promise<void> {
    if (isReading || !session.isCurrent.peek() || session.loading.peek().kind !== "ready") return;
    isReading = true;
    try {
      await edits.reread(shownValues());
      if (withConnections) await session.refresh(connectionsToRead());
    } catch (error) {
      // A node that is shown has gone: what else has changed only the whole scene tells. Any other failure ends with
      // the connection to Octane or to the proxy, which the header shows; the next read tries again.
      if (error instanceof OctaneError && error.code === "NOT_FOUND") session.reload();
    } finally {
      isReading = false;
    }
  }

  function connectionsToRead(): readonly string[] {
    const graph = session.graph.peek();
    const handles = [graph.rootHandle, selected()].filter((handle) => handle !== undefined);
    return [...new Set(handles)].filter((handle) => graph.node(handle) !== undefined);
  }

  return {
    onEvent(event) {
      if (event.type === "projectManagerChanged") session.reload();
      if (event.type !== "newStatistics") return;
      const now = changeLevelOf(event);
      const isFirst = level === undefined;
      if (now === level) return;
      level = now;
      if (isFirst) return;
      const isOwn = performance.now() - edits.lastAtMs < ownChangeMs;
      clearTimeout(settling);
      settling = setTimeout(() => void read(!isOwn), settleMs);
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
