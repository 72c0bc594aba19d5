import { useEffect, useRef } from "preact/hooks";

export interface NumberInputProps {
  readonly value: number;
  readonly onChange: (value: number) => void;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly step?: number | undefined;
  readonly label?: string | undefined;
  readonly id?: string | undefined;
  readonly isDisabled?: boolean | undefined;
}

/** A number as text while it is typed; Enter, leaving and the arrow keys change the value. */
export function NumberInput({ value, onChange, min, max, step, label, id, isDisabled }: NumberInputProps) {
  const input = useRef<HTMLInputElement>(null);
  const isTyping = useRef(false);
  useEffect(() => {
    if (input.current !== null && !isTyping.current) input.current.value = shortText(value);
  }, [value]);

  function commit(element: HTMLInputElement): void {
    isTyping.current = false;
    const number = element.valueAsNumber;
    if (Number.isNaN(number)) {
      element.value = shortText(value);
      return;
    }
    const bounded = Math.min(max ?? number, Math.max(min ?? number, number));
    element.value = shortText(bounded);
    if (bounded !== value) onChange(bounded);
  }

  return (
    <input
      ref={input}
      id={id}
      class="input"
      type="number"
      defaultValue={shortText(value)}
      min={min}
      max={max}
      step={step ?? "any"}
      aria-label={label}
      disabled={isDisabled}
      onBlur={(event) => commit(event.currentTarget)}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit(event.currentTarget);
      }}
      onInput={(event) => {
        // Typing waits for Enter; a step by arrow key or spin button has no text of its own.
        if (!(event instanceof InputEvent) || event.inputType === undefined || event.inputType === "")
          commit(event.currentTarget);
        else isTyping.current = true;
      }}
    />
  );
}

/** Seven digits are what a float32 has; more would be noise. */
function shortText(value: number): string {
  return String(Number(value.toPrecision(7)));
}
