import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { isNarrow } from "./is-narrow.ts";

export interface SplitPaneProps {
  /** Under which the size is remembered. */
  readonly name: string;
  readonly label: string;
  readonly direction?: "row" | "column";
  /** Of the first pane, px. */
  readonly initialPx: number;
  readonly minPx?: number;
  /** Height of the first pane, px, where there is no room side by side: then they lie one below the other. */
  readonly stackedPx?: number;
  readonly first: ComponentChildren;
  readonly second: ComponentChildren;
}

const keyStepPx = 16;
const minStackedPx = 120;

/** Two panes with a divider that is dragged, or moved by the arrow keys. */
export function SplitPane({ stackedPx, ...props }: SplitPaneProps) {
  if (stackedPx === undefined || !isNarrow.value) return <Panes key="as wanted" {...props} />;
  return (
    <Panes
      key="stacked"
      {...props}
      name={`${props.name}.stacked`}
      direction="column"
      initialPx={stackedPx}
      minPx={minStackedPx}
    />
  );
}

function Panes({
  name,
  label,
  direction = "row",
  initialPx,
  minPx = 160,
  first,
  second,
}: Omit<SplitPaneProps, "stackedPx">) {
  const frame = useRef<HTMLDivElement>(null);
  const [sizePx, setSizePx] = useState(() => readSize(name) ?? initialPx);
  const isRow = direction === "row";

  function resize(wantedPx: number): void {
    const box = frame.current?.getBoundingClientRect();
    const room = (isRow ? box?.width : box?.height) ?? 0;
    const bounded = Math.round(Math.max(minPx, Math.min(room - minPx, wantedPx)));
    setSizePx(bounded);
    localStorage.setItem(storageKey(name), String(bounded));
  }

  function drag(event: PointerEvent): void {
    if (!(event.currentTarget as HTMLElement).hasPointerCapture(event.pointerId)) return;
    const box = frame.current?.getBoundingClientRect();
    if (box !== undefined) resize(isRow ? event.clientX - box.left : event.clientY - box.top);
  }

  function press(event: KeyboardEvent): void {
    const step = { ArrowLeft: -keyStepPx, ArrowUp: -keyStepPx, ArrowRight: keyStepPx, ArrowDown: keyStepPx }[
      event.key
    ];
    if (step === undefined) return;
    event.preventDefault();
    resize(sizePx + step);
  }

  return (
    <div ref={frame} class={`split is-${direction}`}>
      <div class="split-first" style={isRow ? { width: `${sizePx}px` } : { height: `${sizePx}px` }}>
        {first}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: an <hr> takes no focus */}
      <div
        class="split-handle"
        role="separator"
        tabIndex={0}
        aria-label={label}
        aria-orientation={isRow ? "vertical" : "horizontal"}
        aria-valuenow={sizePx}
        aria-valuemin={minPx}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onKeyDown={press}
      />
      <div class="split-second">{second}</div>
    </div>
  );
}

function storageKey(name: string): string {
  return `octane-proxy.split.${name}`;
}

function readSize(name: string): number | undefined {
  const size = Number(localStorage.getItem(storageKey(name)));
  return size > 0 ? size : undefined;
}
