import { controlFor } from "./control.ts";
import type { ValueEntry } from "./inspector-entries.ts";
import { canEdit, edits } from "./scene-state.ts";
import { ValueControl } from "./value-control.tsx";

/** A label and the control of its value; the description of the pin is its tooltip. */
export function ValueRow({ entry }: { readonly entry: ValueEntry }) {
  const { attribute, label, node, pin } = entry;
  const description = String(pin?.info?.description ?? "") || undefined;
  return (
    <div class="scene-value">
      <span class="scene-value-label" title={description}>
        {label}
      </span>
      {attribute.error !== undefined ? (
        <span class="field-error">{attribute.error.message}</span>
      ) : attribute.isArray ? (
        <span class="dim">an array, not shown here</span>
      ) : (
        <ValueControl
          control={controlFor(attribute.type, pin?.info, node.type)}
          attribute={attribute}
          label={label}
          isLocked={!canEdit.value}
          onChange={(value) => edits.change(entry, value)}
        />
      )}
    </div>
  );
}
