// A <table> cannot leave rows out, and its rows need no focus of their own: the list has it and takes the keys.
// biome-ignore-all lint/a11y/useSemanticElements: see above
// biome-ignore-all lint/a11y/useFocusableInteractive: see above
// biome-ignore-all lint/a11y/useKeyWithClickEvents: see above
import { Component } from "preact";
import { useId, useMemo } from "preact/hooks";
import { Icon } from "../../ui/icon.tsx";
import { VirtualList } from "../../ui/virtual-list.tsx";
import type { Call } from "./call.ts";
import { type CallOrder, nextCallOrder, type SortKey } from "./call-order.ts";
import { formatMs } from "./call-timing.ts";
import { formatSize } from "./format-size.ts";
import { PhaseBar } from "./phase-bar.tsx";

const columns: readonly { readonly key: SortKey; readonly label: string; readonly isNumber?: boolean }[] = [
  { key: "call", label: "Call" },
  { key: "status", label: "Status" },
  { key: "protocol", label: "Protocol" },
  { key: "sent", label: "Sent", isNumber: true },
  { key: "received", label: "Received", isNumber: true },
  { key: "time", label: "Time", isNumber: true },
  { key: "started", label: "Started", isNumber: true },
];

/** Those of the style sheet: a row's height is needed in numbers. */
const rowHeightPx = matchMedia("(pointer: coarse)").matches ? 36 : 24;

export interface CallTableProps {
  readonly calls: readonly Call[];
  readonly order: CallOrder | undefined;
  readonly selected: number | undefined;
  readonly onOrder: (order: CallOrder | undefined) => void;
  readonly onSelect: (sequence: number | undefined) => void;
  /** Enter on a row. */
  readonly onOpen: () => void;
}

/** The list has the focus, the selected row is its active descendant. */
export function CallTable({ calls, order, selected, onOrder, onSelect, onOpen }: CallTableProps) {
  const tableId = useId();
  const longestMs = useMemo(() => longestOf(calls), [calls]);
  const active = useMemo(() => calls.findIndex(({ sequence }) => sequence === selected), [calls, selected]);

  function press(event: KeyboardEvent): void {
    if (event.key === "Enter" && active >= 0) onOpen();
    else if (event.key === "Escape" && selected !== undefined) onSelect(undefined);
    else {
      const target = calls[targetOf(event.key, active, calls.length) ?? -1];
      if (target === undefined) return;
      onSelect(target.sequence);
    }
    event.preventDefault();
  }

  return (
    <div class="call-table">
      <CallTableHeader id={`${tableId}-header`} order={order} onOrder={onOrder} />
      <VirtualList
        role="grid"
        aria-label="Calls"
        aria-owns={`${tableId}-header`}
        aria-rowcount={calls.length + 1}
        aria-activedescendant={active < 0 ? undefined : `${tableId}-${selected}`}
        tabIndex={0}
        listClass="call-rows"
        count={calls.length}
        rowHeightPx={rowHeightPx}
        activeIndex={active}
        followsEnd={order === undefined && selected === undefined}
        keyOf={(index) => calls[index]?.sequence ?? index}
        onKeyDown={press}
        onClick={({ target }) => {
          const row = (target as Element).closest<HTMLElement>("[data-sequence]");
          if (row !== null) onSelect(Number(row.dataset.sequence));
        }}
        renderRow={(index) => {
          const call = calls[index];
          if (call === undefined) return null;
          return (
            <CallRow
              id={`${tableId}-${call.sequence}`}
              call={call}
              index={index}
              longestMs={longestMs}
              isActive={index === active}
            />
          );
        }}
      />
    </div>
  );
}

function CallTableHeader({
  id,
  order,
  onOrder,
}: { readonly id: string } & Pick<CallTableProps, "order" | "onOrder">) {
  return (
    <div id={id} role="row" class="call-row call-header" aria-rowindex={1}>
      {columns.map(({ key, label, isNumber }) => {
        const isSorted = order?.key === key;
        return (
          <span
            key={key}
            role="columnheader"
            class={`call-cell is-${key} ${isNumber ? "is-number" : ""}`}
            aria-sort={isSorted ? (order.isDescending ? "descending" : "ascending") : "none"}
          >
            <button type="button" class="sort-button" onClick={() => onOrder(nextCallOrder(order, key))}>
              {label}
              {isSorted && (
                <span class={`sort-mark ${order.isDescending ? "is-descending" : ""}`}>
                  <Icon name="chevron" />
                </span>
              )}
            </button>
          </span>
        );
      })}
      <span role="columnheader" class="call-cell is-phases">
        Phases
      </span>
    </div>
  );
}

interface CallRowProps {
  readonly id: string;
  readonly call: Call;
  readonly index: number;
  readonly longestMs: number;
  readonly isActive: boolean;
}

/** Drawn anew only when something of it changes: the list is drawn for every call that ends. */
class CallRow extends Component<CallRowProps> {
  override shouldComponentUpdate(next: CallRowProps): boolean {
    const { id, call, index, longestMs, isActive } = this.props;
    return (
      next.call !== call ||
      next.isActive !== isActive ||
      next.index !== index ||
      next.longestMs !== longestMs ||
      next.id !== id
    );
  }

  override render({ id, call, index, longestMs, isActive }: CallRowProps) {
    return (
      <div
        id={id}
        role="row"
        class={`call-row ${call.error === undefined ? "" : "is-error"} ${isActive ? "is-active" : ""}`}
        aria-rowindex={index + 2}
        aria-selected={isActive}
        data-sequence={call.sequence}
      >
        <CallCells call={call} longestMs={longestMs} />
      </div>
    );
  }
}

function CallCells({ call, longestMs }: { readonly call: Call; readonly longestMs: number }) {
  const { durationMs, messages } = call;
  return (
    <>
      <Cell column="call" text={call.call} title={call.path} />
      <Cell
        column="status"
        text={call.code === "OK" ? String(call.status) : `${call.status} ${call.code}`}
        title={call.error?.message}
      />
      <Cell column="protocol" text={call.protocol} />
      <Cell column="sent" text={formatSize(call.requestBytes)} title={countOf(messages?.request)} />
      <Cell column="received" text={formatSize(call.replyBytes)} title={countOf(messages?.reply)} />
      <Cell column="time" text={formatMs(durationMs)} />
      <Cell column="started" text={timeOfDay(call.startedAt)} title={call.startedAt} />
      <span role="gridcell" class="call-cell is-phases">
        <PhaseBar call={call} longestMs={longestMs} />
      </span>
    </>
  );
}

function Cell({
  column,
  text,
  title,
}: {
  readonly column: SortKey;
  readonly text: string;
  readonly title?: string | undefined;
}) {
  const isNumber = columns.some(({ key, isNumber }) => key === column && isNumber);
  return (
    <span role="gridcell" class={`call-cell is-${column} ${isNumber ? "is-number" : ""}`} title={title}>
      {text}
    </span>
  );
}

/** Of those that do not stream: a stream lasts as long as somebody listens. */
function longestOf(calls: readonly Call[]): number {
  return calls.reduce(
    (longest, { messages, durationMs }) => (messages === undefined ? Math.max(longest, durationMs) : longest),
    0,
  );
}

function countOf(messages: number | undefined): string | undefined {
  return messages === undefined ? undefined : `${messages} ${messages === 1 ? "message" : "messages"}`;
}

function timeOfDay(startedAt: string): string {
  const time = new Date(startedAt);
  const two = (value: number) => String(value).padStart(2, "0");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  return `${clock}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}

const pageRows = 10;

/** Where a key leads from a row; from none (-1) the first press leads to an end. */
function targetOf(key: string, active: number, count: number): number | undefined {
  const last = count - 1;
  switch (key) {
    case "ArrowDown":
      return Math.min(last, active + 1);
    case "ArrowUp":
      return active < 0 ? last : Math.max(0, active - 1);
    case "PageDown":
      return Math.min(last, active + pageRows);
    case "PageUp":
      return Math.max(0, active - pageRows);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return undefined;
  }
}
