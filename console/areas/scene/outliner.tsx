import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { linkState } from "../../api/health.ts";
import { navigate, route, setQuery } from "../../app/route.ts";
import { IconButton } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { EmptyState, ErrorState, LoadingState } from "../../ui/message.tsx";
import { Tree } from "../../ui/tree.tsx";
import { NodeIcon } from "./node-icon.tsx";
import { type OutlineRow, outlineRows } from "./outline-rows.ts";
import { shortType } from "./scene-graph.ts";
import { isOpenInOutline, outlineToggles, selectedHandle, session } from "./scene-state.ts";

const rowHeightPx = matchMedia("(pointer: coarse)").matches ? 36 : 24;

/** The tree of the scene, with its search. */
export function Outliner() {
  const search = route.value.query.search ?? "";
  const state = session.loading.value;
  const isLoading = state.kind === "loading";
  return (
    <section class="panel" aria-label="Outline of the scene">
      <div class="panel-header">
        <h2>Scene</h2>
        <span class="dim" role="status">
          {isLoading && state.count > 0 ? `${state.count} nodes read` : ""}
        </span>
        {isLoading && <span class="spinner" aria-hidden="true" />}
        <IconButton
          icon="restart"
          label="Read the scene again"
          disabled={isLoading || linkState.value !== "ready"}
          onClick={() => session.reload()}
        />
      </div>
      <div class="scene-search">
        <Icon name="search" />
        <input
          class="input"
          type="search"
          placeholder="Search by name or type"
          aria-label="Search the scene"
          value={search}
          onInput={(event) => setQuery({ search: event.currentTarget.value || undefined })}
        />
      </div>
      <div class="panel-body scene-tree">
        <OutlineBody search={search} />
      </div>
    </section>
  );
}

function OutlineBody({ search }: { readonly search: string }) {
  const state = session.loading.value;
  const words = useSignal(search);
  words.value = search;
  const rows = useComputed(() => {
    session.changes.value;
    return outlineRows(session.graph.value, isOpenInOutline, words.value);
  }).value;
  const selected = selectedHandle.value;
  useEffect(() => {
    if (selected !== undefined) openWayTo(selected);
  }, [selected]);

  if (state.kind === "failed") {
    return (
      <ErrorState title="The scene could not be read" error={state.error} onRetry={() => session.reload()} />
    );
  }
  if (session.graph.value.size === 0) return <NothingYet />;
  if (rows.length === 0) {
    return (
      <EmptyState title="Nothing found" icon="search">
        <p>No node has “{search}” in its name, type or handle.</p>
      </EmptyState>
    );
  }
  return (
    <Tree
      label="Scene"
      rows={rows}
      selectedId={selected === undefined ? undefined : `node-${selected}`}
      rowHeightPx={rowHeightPx}
      onSelect={(row) => select(row.handle)}
      onToggle={(row) => toggle(row)}
      renderRow={(row) => <Row row={row} />}
    />
  );
}

function NothingYet() {
  switch (linkState.value) {
    case "no-octane":
    case "no-proxy":
      return (
        <EmptyState title="No scene yet" icon="scene">
          <p>It is read as soon as Octane answers.</p>
        </EmptyState>
      );
    case "locked":
      return (
        <EmptyState title="Locked" icon="key">
          <p>The scene is read once the token was given.</p>
        </EmptyState>
      );
    case "loading":
    case "ready":
      return <LoadingState label="Reading the scene" />;
    default:
      return linkState.value satisfies never;
  }
}

function Row({ row }: { readonly row: OutlineRow }) {
  return (
    <>
      <NodeIcon type={row.type} />
      <span class="scene-row-label" title={row.label}>
        {row.label}
      </span>
      {row.isWire && (
        <span class="dim scene-row-type" title="Stands elsewhere in the scene">
          <Icon name="link" />
        </span>
      )}
      {row.hasError && (
        <span class="scene-row-error" title="Not all of this node could be read">
          <Icon name="warning" />
          <span class="visually-hidden">could not be read completely</span>
        </span>
      )}
      <span class="dim scene-row-type">{shortType(row.type)}</span>
    </>
  );
}

function select(handle: string): void {
  const { query } = route.peek();
  navigate({ area: "scene", path: [handle], query });
}

function toggle({ handle, isOpen }: OutlineRow): void {
  outlineToggles.value = new Map(outlineToggles.value).set(handle, isOpen !== true);
}

/** A node that was selected elsewhere is to be seen. */
function openWayTo(handle: string): void {
  const closed = session.graph
    .peek()
    .ancestors(handle)
    .filter((each) => !isOpenInOutline(each));
  if (closed.length === 0) return;
  const toggles = new Map(outlineToggles.peek());
  for (const each of closed) toggles.set(each, true);
  outlineToggles.value = toggles;
}
