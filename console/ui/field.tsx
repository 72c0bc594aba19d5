import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export interface ControlIds {
  readonly id: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": boolean;
}

/** A labelled control with its hint and its error. The control takes the given attributes. */
export function Field({
  label,
  hint,
  error,
  children,
}: {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly children: (ids: ControlIds) => ComponentChildren;
}) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      {children({
        id,
        "aria-describedby": note === undefined ? undefined : `${id}-note`,
        "aria-invalid": error !== undefined,
      })}
      {note !== undefined && (
        <span id={`${id}-note`} class={error === undefined ? "dim" : "field-error"}>
          {note}
        </span>
      )}
    </div>
  );
}
