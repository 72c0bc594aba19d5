import { NumberInput } from "../../ui/number-input.tsx";
import { Slider } from "../../ui/slider.tsx";
import type { Dimension, NumberControl } from "./control.ts";

export interface NumbersControlProps {
  readonly control: NumberControl;
  readonly label: string;
  readonly values: readonly number[];
  readonly isLocked: boolean;
  readonly onChange: (values: readonly number[]) => void;
}

/** A number with its slider, or the numbers of a vector side by side. */
export function NumbersControl({ control, label, values, isLocked, onChange }: NumbersControlProps) {
  const { dimensions, isInteger, unit, shownTimes } = control;
  const change = (at: number) => (shown: number) => {
    const number = shown / shownTimes;
    onChange(
      dimensions.map((_, index) =>
        index === at ? (isInteger ? Math.round(number) : number) : (values[index] ?? 0),
      ),
    );
  };
  const scaled = (number: number | undefined) => (number === undefined ? undefined : number * shownTimes);
  const [only] = dimensions;
  return (
    <div class="scene-numbers">
      {dimensions.length === 1 && only?.slider !== undefined ? (
        <Slider
          label={label}
          value={(values[0] ?? 0) * shownTimes}
          min={only.slider.min * shownTimes}
          max={only.slider.max * shownTimes}
          step={sliderStep(only, shownTimes)}
          numberMin={scaled(only.min)}
          numberMax={scaled(only.max)}
          isDisabled={isLocked}
          onChange={change(0)}
        />
      ) : (
        dimensions.map(({ name, min, max, step }, at) => (
          <div key={name} class="scene-number">
            {name !== "" && <span class="dim">{name}</span>}
            <NumberInput
              label={name === "" ? label : `${label} ${name}`}
              value={(values[at] ?? 0) * shownTimes}
              min={scaled(min)}
              max={scaled(max)}
              step={isInteger ? (step ?? 1) : undefined}
              isDisabled={isLocked}
              onChange={change(at)}
            />
          </div>
        ))
      )}
      <span class="dim scene-unit">{unit}</span>
    </div>
  );
}

/** A slider needs some step, or its arrow keys do not move it to be seen. */
function sliderStep({ step, slider }: Dimension, shownTimes: number): number | undefined {
  if (step !== undefined) return step * shownTimes;
  return slider === undefined ? undefined : ((slider.max - slider.min) / 100) * shownTimes;
}
