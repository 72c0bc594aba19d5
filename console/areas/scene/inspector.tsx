import { linkState } from "../../api/health.ts";
import { formatPlace } from "../../app/place.ts";
import { notify } from "../../app/toasts.tsx";
import { IconButton } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { EmptyState, LoadingState } from "../../ui/message.tsx";
import type { Change } from "./edit-history.ts";
import type { Entry, EntryGroup, NodeEntry } from "./inspector-entries.ts";
import { NodeIcon } from "./node-icon.tsx";
import { shortType } from "./scene-graph.ts";
import { canEdit, edits, inspected, inspectorToggles, selectedHandle, session } from "./scene-state.ts";
import { ValueRow } from "./value-row.tsx";

/** The values of the selected node and of what hangs on it. */
export function Inspector() {
  session.changes.value;
  const handle = selectedHandle.value;
  const graph = session.graph.value;
  const node = handle === undefined ? undefined : graph.node(handle);
  const title = handle === undefined || node === undefined ? "Inspector" : graph.label(handle);
  return (
    <section class="panel" aria-label="Inspector">
      <div class="panel-header">
        {node !== undefined && <NodeIcon type={String(node.type ?? "")} />}
        <h2 class="scene-title" title={title}>
          {title}
        </h2>
        <span class="dim scene-type" title={`${node?.type ?? ""} ${handle ?? ""}`}>
          {shortType(node?.type)}
        </span>
        <IconButton
          icon="undo"
          label="Undo (Ctrl+Z)"
          disabled={!edits.canUndo.value || !canEdit.value}
          onClick={undo}
        />
        <IconButton
          icon="redo"
          label="Redo (Ctrl+Shift+Z)"
          disabled={!edits.canRedo.value || !canEdit.value}
          onClick={redo}
        />
      </div>
      {!canEdit.value && graph.size > 0 && linkState.value !== "loading" && (
        <p class="scene-notice" role="status">
          <Icon name="warning" />
          {linkState.value === "no-proxy" ? "The proxy does not answer" : "Octane is away"}: these are the
          values as they were last read.
        </p>
      )}
      {node?.error !== undefined && (
        <p class="scene-notice" role="status">
          <Icon name="warning" /> Not all of this node could be read: {node.error.message}
        </p>
      )}
      <div class="panel-body scene-inspector">
        {node === undefined || handle === undefined ? (
          <NoNode />
        ) : (
          <Groups groups={inspected.value} emptyText={emptyText(graph.children(handle).length)} />
        )}
      </div>
    </section>
  );
}

export function undo(): void {
  if (canEdit.peek()) tell("Undone", edits.undo());
}

export function redo(): void {
  if (canEdit.peek()) tell("Done again", edits.redo());
}

function tell(what: string, change: Change | undefined): void {
  if (change !== undefined) notify(what, change.label);
}

function NoNode() {
  if (session.loading.value.kind === "loading") return <LoadingState label="Reading" />;
  return (
    <EmptyState title="Nothing selected" icon="scene">
      <p>Select a node of the scene to see its values.</p>
    </EmptyState>
  );
}

function emptyText(children: number): string {
  return children === 0
    ? "This node has no values and no pins."
    : `It owns ${children} nodes: select one to see its values.`;
}

function Groups({
  groups,
  emptyText,
}: {
  readonly groups: readonly EntryGroup[];
  readonly emptyText: string;
}) {
  if (groups.length === 0) return <p class="dim scene-empty">{emptyText}</p>;
  return groups.map((group, index) => (
    // Groups of the same name may come again, and their order stays.
    <fieldset key={index} class="scene-group" aria-label={group.label || "Values"}>
      {group.label !== "" && <h3>{group.label}</h3>}
      {group.entries.map((entry) => (
        <EntryRow key={entry.key} entry={entry} />
      ))}
    </fieldset>
  ));
}

function EntryRow({ entry }: { readonly entry: Entry }) {
  return entry.kind === "value" ? <ValueRow entry={entry} /> : <NodeRow entry={entry} />;
}

function NodeRow({ entry: { label, pin, handle, isOpen, groups } }: { readonly entry: NodeEntry }) {
  const node = handle === undefined ? undefined : session.graph.value.node(handle);
  const description = String(pin.info?.description ?? "") || undefined;
  return (
    <div class="scene-node">
      <div class="scene-node-row" title={description}>
        {isOpen === undefined ? (
          <span class="scene-node-label is-fixed">{label}</span>
        ) : (
          <button
            type="button"
            class="scene-node-label"
            aria-expanded={isOpen}
            onClick={() => handle !== undefined && toggle(handle)}
          >
            <span class={`tree-toggle ${isOpen ? "is-open" : ""}`}>
              <Icon name="chevron" />
            </span>
            {label}
          </button>
        )}
        {node === undefined || handle === undefined ? (
          <span class="dim">{pin.error?.message ?? "not connected"}</span>
        ) : (
          <a
            class="scene-node-link"
            href={formatPlace({ area: "scene", path: [handle] })}
            aria-label={`Select ${node.name || label}`}
          >
            <NodeIcon type={String(node.type ?? "")} />
            <span>{node.name || shortType(node.type)}</span>
          </a>
        )}
      </div>
      {isOpen && (
        <div class="scene-nested">
          <Groups groups={groups} emptyText="No values and no pins." />
        </div>
      )}
    </div>
  );
}

function toggle(handle: string): void {
  const open = new Set(inspectorToggles.value);
  if (!open.delete(handle)) open.add(handle);
  inspectorToggles.value = open;
}
