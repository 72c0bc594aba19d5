import type { Call } from "./call.ts";
import { isPaused, missingCalls, restartedAt, type TrafficState, trafficState } from "./live-calls.ts";

const stateText: Readonly<Record<TrafficState, string>> = {
  connecting: "Connecting",
  live: "Live",
  lost: "Connection lost, trying again",
  refused: "Not allowed",
};

const stateLook: Readonly<Record<TrafficState, string>> = {
  connecting: "",
  live: "is-ok",
  lost: "is-error",
  refused: "is-error",
};

/** The line below the list: how much is there, and whether it is up to date. */
export function TrafficStatus({
  all,
  shown,
  isFiltered,
}: {
  readonly all: readonly Call[];
  readonly shown: readonly Call[];
  readonly isFiltered: boolean;
}) {
  const failed = shown.reduce((count, { error }) => (error === undefined ? count : count + 1), 0);
  return (
    <footer class="traffic-status">
      <span role="status" class={`badge ${isPaused.value ? "is-warn" : stateLook[trafficState.value]}`}>
        {isPaused.value ? "Paused" : stateText[trafficState.value]}
      </span>
      <span data-count={all.length}>
        {isFiltered ? `${number(shown.length)} of ${counted(all.length)}` : counted(all.length)}
      </span>
      {failed > 0 && <span class="traffic-failed">{number(failed)} failed</span>}
      {missingCalls.value > 0 && (
        <span title="They came faster than they could be told, or while nobody listened">
          {number(missingCalls.value)} between them not shown
        </span>
      )}
      {restartedAt.value !== undefined && (
        <span class="dim">proxy restarted at {restartedAt.value.toLocaleTimeString()}</span>
      )}
    </footer>
  );
}

function counted(count: number): string {
  return `${number(count)} ${count === 1 ? "call" : "calls"}`;
}

function number(value: number): string {
  return value.toLocaleString("en");
}
