import { NumberInput } from "./number-input.tsx";

export interface SliderProps {
  readonly label: string;
  readonly value: number;
  /** Called at every movement: what it causes is to be coalesced. */
  readonly onChange: (value: number) => void;
  readonly min: number;
  readonly max: number;
  readonly step?: number | undefined;
  /** Of the number beside the slider, which may go further than the slider does. */
  readonly numberMin?: number | undefined;
  readonly numberMax?: number | undefined;
  readonly isDisabled?: boolean | undefined;
}

/** A slider with its value as a number beside it. */
export function Slider({ label, value, onChange, min, max, step, isDisabled, ...numbers }: SliderProps) {
  return (
    <div class="slider-row">
      <input
        class="slider"
        type="range"
        aria-label={label}
        min={min}
        max={max}
        step={step ?? "any"}
        value={value}
        disabled={isDisabled}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
      <NumberInput
        label={`${label}, number`}
        value={value}
        onChange={onChange}
        min={numbers.numberMin ?? min}
        max={numbers.numberMax ?? max}
        step={step}
        isDisabled={isDisabled}
      />
    </div>
  );
}
