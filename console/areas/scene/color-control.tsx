import { NumberInput } from "../../ui/number-input.tsx";

export interface ColorControlProps {
  readonly label: string;
  /** Red, green and blue; 1 is full, lights may have more. */
  readonly values: readonly number[];
  readonly isLocked: boolean;
  readonly onChange: (values: readonly number[]) => void;
}

const names = ["red", "green", "blue"];

/** The colour as Octane holds it, number by number: 0.5 is 80 in the hexadecimal notation, without a curve. */
export function ColorControl({ label, values, isLocked, onChange }: ColorControlProps) {
  return (
    <div class="scene-color">
      <input
        type="color"
        aria-label={label}
        value={hexOf(values)}
        disabled={isLocked}
        onInput={(event) => onChange(numbersOf(event.currentTarget.value))}
      />
      {names.map((name, at) => (
        <NumberInput
          key={name}
          label={`${label} ${name}`}
          value={values[at] ?? 0}
          min={0}
          isDisabled={isLocked}
          onChange={(number) =>
            onChange(names.map((_, index) => (index === at ? number : (values[index] ?? 0))))
          }
        />
      ))}
    </div>
  );
}

export function hexOf(values: readonly number[]): string {
  const bytes = names.map((_, at) => Math.round(Math.min(1, Math.max(0, values[at] ?? 0)) * 255));
  return `#${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** Four digits behind the point tell 255 steps apart. */
export function numbersOf(hex: string): readonly number[] {
  return [1, 3, 5].map((at) => Number((Number.parseInt(hex.slice(at, at + 2), 16) / 255).toFixed(4)));
}
