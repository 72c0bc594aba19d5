import { useEffect, useId, useState } from "preact/hooks";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { explainError } from "../../ui/message.tsx";
import { VirtualList } from "../../ui/virtual-list.tsx";
import { seenHandles } from "./calls-state.ts";
import type { MessageShape } from "./form-schema.ts";
import type { JsonObject } from "./json-text.ts";
import { loadSceneHandles } from "./scene-handles.ts";
import type { SeenHandle } from "./seen-handles.ts";

const rowHeightPx = 32;

/** A reference's handle as text, and a dialog to choose it from the scene and from what replies had. */
export function ReferencePicker({
  label,
  value,
  shape,
  onChange,
}: {
  readonly label: string;
  readonly value: unknown;
  readonly shape: MessageShape;
  readonly onChange: (value: JsonObject) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const { handle } = (value ?? {}) as { readonly handle?: unknown };
  const known = seenHandles.value.find((seen) => seen.handle === String(handle));
  return (
    <>
      {known !== undefined && <span class="calls-known dim">{known.name}</span>}
      <Button aria-label={`Choose ${label}`} icon="link" onClick={() => setOpen(true)}>
        {handle === undefined ? "Choose" : String(handle)}
      </Button>
      {isOpen && (
        <HandleDialog
          label={label}
          onClose={() => setOpen(false)}
          onChoose={({ handle: chosen, type }) => {
            onChange(
              type !== undefined && takesType(shape, type) ? { handle: chosen, type } : { handle: chosen },
            );
            setOpen(false);
          }}
        />
      )}
    </>
  );
}

/** Whether this contract has the type: another generation's may not. */
function takesType(shape: MessageShape, type: string): boolean {
  const field = shape.fields().find(({ name }) => name === "type");
  return field?.shape.kind === "enum" && field.shape.names.includes(type);
}

function HandleDialog({
  label,
  onClose,
  onChoose,
}: {
  readonly label: string;
  readonly onClose: () => void;
  readonly onChoose: (handle: SeenHandle) => void;
}) {
  const inputId = useId();
  const listId = useId();
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const scene = useSceneHandles();
  const all = mergeHandles(seenHandles.value, scene.handles ?? []);
  const rows = all.filter(({ handle, name, type }) =>
    `${handle} ${name} ${type ?? ""}`.toLowerCase().includes(query.trim().toLowerCase()),
  );
  const current = Math.min(active, rows.length - 1);

  function press(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setActive(Math.max(0, Math.min(rows.length - 1, current + step)));
    } else if (event.key === "Enter") {
      event.preventDefault();
      // Not also the key that sends the call.
      event.stopPropagation();
      const row = rows[current];
      if (row !== undefined) onChoose(row);
    }
  }

  return (
    <Dialog title={`Choose ${label}`} onClose={onClose}>
      <div class="calls-picker">
        <label class="visually-hidden" for={inputId}>
          Search by name, type or handle
        </label>
        <input
          id={inputId}
          class="input"
          type="text"
          role="combobox"
          aria-expanded={rows.length > 0}
          aria-controls={listId}
          aria-activedescendant={rows.length > 0 ? `${listId}-${current}` : undefined}
          placeholder="Search by name, type or handle"
          autocomplete="off"
          value={query}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={press}
        />
        <p class="dim" role="status">
          {scene.error !== undefined
            ? `The scene did not load: ${explainError(scene.error).message}`
            : scene.handles === undefined
              ? "Loading the scene"
              : `${rows.length} ${rows.length === 1 ? "object" : "objects"}`}
        </p>
        <VirtualList
          id={listId}
          role="listbox"
          aria-label="Objects"
          listClass="calls-handles"
          count={rows.length}
          rowHeightPx={rowHeightPx}
          activeIndex={current}
          keyOf={(index) => rows[index]?.handle ?? index}
          renderRow={(index) => {
            const row = rows[index];
            return (
              row && (
                // The search field has the focus and takes the keys.
                // biome-ignore lint/a11y/useKeyWithClickEvents: see above
                // biome-ignore lint/a11y/useFocusableInteractive: see above
                <div
                  id={`${listId}-${index}`}
                  role="option"
                  class="calls-handle"
                  aria-selected={index === current}
                  onClick={() => onChoose(row)}
                >
                  <span class="calls-handle-name">{row.name}</span>
                  <span class="dim">{row.type}</span>
                  <code>{row.handle}</code>
                </div>
              )
            );
          }}
        />
        <div class="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </div>
    </Dialog>
  );
}

function useSceneHandles() {
  const [state, setState] = useState<{
    readonly handles: readonly SeenHandle[] | undefined;
    readonly error: unknown;
  }>({ handles: undefined, error: undefined });
  useEffect(() => {
    const stopping = new AbortController();
    loadSceneHandles(stopping.signal).then(
      (handles) => setState({ handles, error: undefined }),
      (error: unknown) => {
        if (!stopping.signal.aborted) setState({ handles: undefined, error });
      },
    );
    return () => stopping.abort();
  }, []);
  return state;
}

/** What was seen last stands first, under the scene's name for it. */
function mergeHandles(seen: readonly SeenHandle[], scene: readonly SeenHandle[]): readonly SeenHandle[] {
  const names = new Map(scene.map((each) => [each.handle, each]));
  const seenSet = new Set(seen.map(({ handle }) => handle));
  return [
    ...seen.map((each) => ({ ...each, name: names.get(each.handle)?.name ?? each.name })),
    ...scene.filter(({ handle }) => !seenSet.has(handle)),
  ];
}
