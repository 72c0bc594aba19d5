import type { ComponentChildren, HTMLAttributes } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

export interface VirtualListProps extends Omit<HTMLAttributes<HTMLDivElement>, "class"> {
  readonly count: number;
  /** All rows have this height. */
  readonly rowHeightPx: number;
  readonly renderRow: (index: number) => ComponentChildren;
  /** Stable for a row that moves; default its index. */
  readonly keyOf?: (index: number) => string | number;
  /** Kept in sight when it changes. */
  readonly activeIndex?: number | undefined;
  readonly listClass?: string;
  /** The rows stay at the end while the list grows, until somebody scrolls up. */
  readonly followsEnd?: boolean;
}

const overscan = 8;

/** Only the rows in sight exist, so that ten thousand cost what fifty do. */
export function VirtualList({
  count,
  rowHeightPx,
  renderRow,
  keyOf = (index) => index,
  activeIndex,
  listClass = "",
  followsEnd = false,
  ...rest
}: VirtualListProps) {
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const [view, setView] = useState({ top: 0, height: 600 });

  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = list.current;
    if (element === null || activeIndex === undefined || activeIndex < 0) return;
    const top = activeIndex * rowHeightPx;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeightPx > element.scrollTop + element.clientHeight)
      element.scrollTop = top + rowHeightPx - element.clientHeight;
  }, [activeIndex, rowHeightPx, view.height]);

  useLayoutEffect(() => {
    const element = list.current;
    if (element !== null && followsEnd && isAtEnd.current) element.scrollTop = element.scrollHeight;
  });

  const first = Math.max(0, Math.floor(view.top / rowHeightPx) - overscan);
  const last = Math.min(count, Math.ceil((view.top + view.height) / rowHeightPx) + overscan);
  const rows = Array.from({ length: Math.max(0, last - first) }, (_, offset) => first + offset);
  return (
    <div
      {...rest}
      ref={list}
      class={`virtual-list ${listClass}`}
      onScroll={(event) => {
        const { scrollTop, clientHeight, scrollHeight } = event.currentTarget;
        isAtEnd.current = scrollTop + clientHeight >= scrollHeight - rowHeightPx;
        setView({ top: scrollTop, height: clientHeight });
      }}
    >
      <div class="virtual-list-rows" role="presentation" style={{ height: `${count * rowHeightPx}px` }}>
        {rows.map((index) => (
          <div
            key={keyOf(index)}
            class="virtual-list-row"
            role="presentation"
            style={{ top: `${index * rowHeightPx}px`, height: `${rowHeightPx}px` }}
          >
            {renderRow(index)}
          </div>
        ))}
      </div>
    </div>
  );
}
