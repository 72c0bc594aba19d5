import { useId } from "preact/hooks";
import { controlFor } from "./control.ts";
import type { ValueEntry } from "./inspector-entries.ts";
import { edits, session } from "./scene-state.ts";
import { ValueControl } from "./value-control.tsx";

/** A label and the control of its value; the description of the pin is its tooltip. */
export function ValueRow({ entry }: { readonly entry: ValueEntry }) {
  const { attribute, label, node, pin } = entry;
  const id = useId();
  const description = String(pin?.info?.description ?? "") || undefined;
  const isLocked = !session.isCurrent.value;
  return (
    <div class="scene-value">
      <span class="scene-value-label" id={id} title={description}>
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
          isLocked={isLocked}
          onChange={(value) => edits.change(entry, value)}
        />
      )}
    </div>
  );
}
