import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Icon } from "./icon.tsx";
import { VirtualList } from "./virtual-list.tsx";

/** One visible row: the tree is given flat, closed branches left out. */
export interface TreeRow {
  readonly id: string;
  /** From 1. */
  readonly level: number;
  readonly label: string;
  /** Undefined for a leaf. */
  readonly isOpen: boolean | undefined;
  /** Among its siblings, from 1. */
  readonly position?: number;
  readonly siblings?: number;
}

export interface TreeProps<Row extends TreeRow> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly selectedId: string | undefined;
  readonly rowHeightPx: number;
  readonly onSelect: (row: Row) => void;
  readonly onToggle: (row: Row) => void;
  /** What stands in the row beside its label. */
  readonly renderRow: (row: Row) => ComponentChildren;
}

/** An ARIA tree over a virtual list: the list has the focus, the selected row is its active descendant. */
export function Tree<Row extends TreeRow>(props: TreeProps<Row>) {
  const { label, rows, selectedId, rowHeightPx, onSelect, onToggle, renderRow } = props;
  const treeId = useId();
  const activeIndex = rows.findIndex(({ id }) => id === selectedId);
  const active = rows[activeIndex];

  function press(event: KeyboardEvent): void {
    const target = keyTarget(event.key, rows, activeIndex);
    if (target === undefined) return;
    event.preventDefault();
    if (target === "toggle") {
      if (active !== undefined) onToggle(active);
      return;
    }
    const row = rows[target];
    if (row !== undefined) onSelect(row);
  }

  return (
    <VirtualList
      role="tree"
      aria-label={label}
      aria-activedescendant={active === undefined ? undefined : `${treeId}-${active.id}`}
      tabIndex={0}
      listClass="tree"
      count={rows.length}
      rowHeightPx={rowHeightPx}
      activeIndex={activeIndex}
      keyOf={(index) => rows[index]?.id ?? index}
      onKeyDown={press}
      renderRow={(index) => {
        const row = rows[index];
        if (row === undefined) return null;
        return (
          // The tree itself has the focus and takes the keys.
          // biome-ignore lint/a11y/useKeyWithClickEvents: see above
          // biome-ignore lint/a11y/useFocusableInteractive: see above
          <div
            id={`${treeId}-${row.id}`}
            role="treeitem"
            class={`tree-row ${row.id === selectedId ? "is-active" : ""}`}
            aria-level={row.level}
            aria-expanded={row.isOpen}
            aria-selected={row.id === selectedId}
            aria-posinset={row.position}
            aria-setsize={row.siblings}
            style={{ paddingLeft: `${(row.level - 1) * 16 + 4}px` }}
            onClick={() => onSelect(row)}
            onDblClick={() => row.isOpen !== undefined && onToggle(row)}
          >
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the arrow keys open and close */}
            {/* biome-ignore lint/a11y/noStaticElementInteractions: as above */}
            <span
              class={`tree-toggle ${row.isOpen ? "is-open" : ""}`}
              onClick={(event) => {
                if (row.isOpen === undefined) return;
                event.stopPropagation();
                onToggle(row);
              }}
            >
              {row.isOpen !== undefined && <Icon name="chevron" />}
            </span>
            {renderRow(row)}
          </div>
        );
      }}
    />
  );
}

/** Where a key leads from the active row: an index, "toggle", or undefined where the key means nothing here. */
export function keyTarget(
  key: string,
  rows: readonly TreeRow[],
  activeIndex: number,
): number | "toggle" | undefined {
  const active = rows[activeIndex];
  const last = rows.length - 1;
  switch (key) {
    case "ArrowDown":
      return Math.min(last, activeIndex + 1);
    case "ArrowUp":
      return Math.max(0, activeIndex - 1);
    case "PageDown":
      return Math.min(last, activeIndex + 10);
    case "PageUp":
      return Math.max(0, activeIndex - 10);
    case "Home":
      return 0;
    case "End":
      return last;
    case "ArrowRight":
      if (active?.isOpen === undefined) return undefined;
      return active.isOpen ? Math.min(last, activeIndex + 1) : "toggle";
    case "ArrowLeft":
      if (active?.isOpen === true) return "toggle";
      return parentIndex(rows, activeIndex);
    case "Enter":
    case " ":
      return active?.isOpen === undefined ? undefined : "toggle";
    default:
      return undefined;
  }
}

function parentIndex(rows: readonly TreeRow[], index: number): number | undefined {
  const level = rows[index]?.level ?? 0;
  for (let at = index - 1; at >= 0; at--) if ((rows[at]?.level ?? 0) < level) return at;
  return undefined;
}
