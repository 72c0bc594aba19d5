import { useEffect, useId, useRef } from "preact/hooks";
import type { Control } from "./control.ts";

export interface TextControlProps {
  readonly control: Extract<Control, { readonly kind: "text" | "file" }>;
  readonly label: string;
  readonly value: string;
  /** What can be taken; anything else is put back. */
  readonly pattern?: RegExp;
  readonly isLocked: boolean;
  readonly onChange: (value: string) => void;
}

/** A text is taken when it is left or confirmed with Enter; Escape puts it back. */
export function TextControl({ control, label, value, pattern, isLocked, onChange }: TextControlProps) {
  const input = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const isTyping = useRef(false);
  const listId = useId();
  useEffect(() => {
    if (input.current !== null && !isTyping.current) input.current.value = value;
  }, [value]);

  function commit(): void {
    const element = input.current;
    isTyping.current = false;
    if (element === null || element.value === value) return;
    if (pattern?.test(element.value) === false) element.value = value;
    else onChange(element.value);
  }

  const isMultiline = control.kind === "text" && control.isMultiline;
  const suggestions = control.kind === "text" ? control.suggestions : [];
  const shared = {
    ref: input,
    "aria-label": label,
    defaultValue: value,
    disabled: isLocked,
    spellcheck: false,
    onInput() {
      isTyping.current = true;
    },
    onBlur: commit,
    onKeyDown(event: KeyboardEvent) {
      if (event.key === "Enter" && !isMultiline) commit();
      if (event.key === "Escape" && input.current !== null) {
        isTyping.current = false;
        input.current.value = value;
      }
    },
  };
  if (isMultiline) return <textarea {...shared} class="textarea mono" rows={4} />;
  return (
    <>
      <input
        {...shared}
        class={control.kind === "file" ? "input mono" : "input"}
        type="text"
        list={suggestions.length > 0 ? listId : undefined}
        placeholder={control.kind === "file" ? "path on the machine of Octane" : undefined}
      />
      {suggestions.length > 0 && (
        <datalist id={listId}>
          {suggestions.map((text) => (
            <option key={text} value={text} />
          ))}
        </datalist>
      )}
    </>
  );
}
