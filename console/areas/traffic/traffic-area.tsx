import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { route, setQuery } from "../../app/route.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState, ErrorState, LoadingState } from "../../ui/message.tsx";
import { SplitPane } from "../../ui/split-pane.tsx";
import type { Call } from "./call.ts";
import { CallDetail } from "./call-detail.tsx";
import { type CallFilter, parseCallFilter } from "./call-filter.ts";
import { formatCallOrder, parseCallOrder, sortCalls } from "./call-order.ts";
import { CallTable } from "./call-table.tsx";
import { calls, followCalls, isListed, isPaused, trafficError, trafficState } from "./live-calls.ts";
import { TrafficStatus } from "./traffic-status.tsx";
import { TrafficToolbar } from "./traffic-toolbar.tsx";
import "./traffic.css";

/** Every call as it ends, like a browser's network panel. Filter, order and selection are in the address. */
export default function TrafficArea() {
  const { q = "", sort, call } = route.value.query;
  const isStopped = isPaused.value;
  useEffect(() => (isStopped ? undefined : followCalls()), [isStopped]);
  const { filter, filterError } = useFilter(q);
  const order = parseCallOrder(sort);
  const all = calls.value;
  const matching = useMemo(() => (filter === undefined ? all : all.filter(filter)), [all, filter]);
  const shown = useMemo(() => sortCalls(matching, order), [matching, sort]);
  const selected = call !== undefined && /^\d+$/.test(call) ? Number(call) : undefined;
  const area = useRef<HTMLDivElement>(null);
  const select = (sequence: number | undefined) => setQuery({ call: sequence?.toString() });
  const awaitCall = useSelectionOf(all, select);

  return (
    <div ref={area} class="traffic">
      <TrafficToolbar filter={q} filterError={filterError} shown={shown} />
      <div class={`traffic-panes ${selected === undefined ? "is-closed" : ""}`}>
        <SplitPane
          name="traffic.list"
          label="Size of the list of calls"
          initialPx={Math.round(innerWidth * 0.5)}
          minPx={280}
          stackedPx={Math.round(innerHeight * 0.4)}
          first={
            shown.length === 0 ? (
              <Nothing isFiltered={all.length > 0} />
            ) : (
              <CallTable
                calls={shown}
                order={order}
                selected={selected}
                onOrder={(next) => setQuery({ sort: formatCallOrder(next) })}
                onSelect={select}
                onOpen={() =>
                  area.current?.querySelector<HTMLElement>('.call-detail [role="tab"][tabindex="0"]')?.focus()
                }
              />
            )
          }
          second={
            selected !== undefined && (
              <CallDetail
                sequence={selected}
                row={all.find(({ sequence }) => sequence === selected)}
                onClose={() => {
                  select(undefined);
                  area.current?.querySelector<HTMLElement>('[role="grid"]')?.focus();
                }}
                onRepeated={awaitCall}
              />
            )
          }
        />
      </div>
      <TrafficStatus all={all} shown={shown} isFiltered={filter !== undefined} />
    </div>
  );
}

/** While a filter cannot be read yet, the last one that could stays. */
function useFilter(text: string): {
  readonly filter: CallFilter | undefined;
  readonly filterError: string | undefined;
} {
  const last = useRef<CallFilter | undefined>(undefined);
  return useMemo(() => {
    if (text.trim() === "") {
      last.current = undefined;
      return { filter: undefined, filterError: undefined };
    }
    try {
      last.current = parseCallFilter(text);
      return { filter: last.current, filterError: undefined };
    } catch (error) {
      return { filter: last.current, filterError: (error as Error).message };
    }
  }, [text]);
}

/** Selects the call of an id as soon as it is in the list. */
function useSelectionOf(all: readonly Call[], select: (sequence: number) => void): (callId: string) => void {
  const [awaited, setAwaited] = useState<string>();
  useEffect(() => {
    if (awaited === undefined) return;
    const found = all.findLast(({ id }) => id === awaited);
    if (found === undefined) return;
    setAwaited(undefined);
    select(found.sequence);
  }, [all, awaited]);
  return setAwaited;
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState title="No call matches the filter" icon="search">
        <Button onClick={() => setQuery({ q: undefined })}>Show all calls</Button>
      </EmptyState>
    );
  }
  if (trafficError.value !== undefined) {
    return <ErrorState title="The calls cannot be shown" error={trafficError.value} />;
  }
  if (isPaused.value) {
    return (
      <EmptyState title="Paused" icon="pause">
        <p>Calls of the meantime are listed when you resume.</p>
      </EmptyState>
    );
  }
  if (!isListed.value && trafficState.value !== "lost")
    return <LoadingState label="Loading the last calls" />;
  return (
    <EmptyState title="No calls yet" icon="traffic">
      <p>Every call that any client makes through this proxy appears here when it ends.</p>
    </EmptyState>
  );
}
