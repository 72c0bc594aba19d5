import type { SceneAttribute } from "../../../src/client/scene.ts";
import { Select } from "../../ui/select.tsx";
import { componentsOf, findValueType, withComponents } from "./attribute-value.ts";
import { ColorControl } from "./color-control.tsx";
import type { Control } from "./control.ts";
import { NumbersControl } from "./numbers-control.tsx";
import { TextControl } from "./text-control.tsx";

export interface ValueControlProps {
  readonly control: Control;
  readonly attribute: SceneAttribute;
  readonly label: string;
  readonly isLocked: boolean;
  /** Called with the whole value, also at every movement of a slider. */
  readonly onChange: (value: unknown) => void;
}

export function ValueControl({ control, attribute, label, isLocked, onChange }: ValueControlProps) {
  const { value } = attribute;
  const type = findValueType(attribute.type);
  const onNumbers = (numbers: readonly number[]) => {
    if (type !== undefined) onChange(withComponents(value, type, numbers));
  };
  switch (control.kind) {
    case "switch":
      return (
        <input
          class="checkbox"
          type="checkbox"
          aria-label={label}
          checked={value === true}
          disabled={isLocked}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "numbers":
      return (
        <NumbersControl
          {...{ control, label, isLocked }}
          values={componentsOf(value, 4)}
          onChange={onNumbers}
        />
      );
    case "color":
      return <ColorControl {...{ label, isLocked }} values={componentsOf(value, 3)} onChange={onNumbers} />;
    case "choice":
      return (
        <ChoiceControl
          {...{ control, label, isLocked }}
          value={componentsOf(value, 1)[0] ?? 0}
          onChange={onNumbers}
        />
      );
    case "mask":
      return (
        <MaskControl
          {...{ control, label, isLocked }}
          value={componentsOf(value, 1)[0] ?? 0}
          onChange={onNumbers}
        />
      );
    case "textChoice":
      return (
        <Select
          label={label}
          value={String(value ?? "")}
          choices={withPresent(control.values, String(value ?? "")).map((each) => ({
            value: each,
            label: each,
          }))}
          isDisabled={isLocked}
          onChange={onChange}
        />
      );
    case "text":
    case "file":
      return <TextControl {...{ control, label, isLocked, onChange }} value={String(value ?? "")} />;
    case "long":
      return (
        <TextControl
          {...{ label, isLocked, onChange }}
          control={{ kind: "text", isMultiline: false, suggestions: [] }}
          pattern={/^-?\d{1,19}$/}
          value={String(value ?? "0")}
        />
      );
    case "fixed":
      return <span class="mono scene-fixed">{fixedText(value)}</span>;
    default:
      return control satisfies never;
  }
}

interface IntegerProps<Kind> {
  readonly control: Extract<Control, { readonly kind: Kind }>;
  readonly label: string;
  readonly value: number;
  readonly isLocked: boolean;
  readonly onChange: (numbers: readonly number[]) => void;
}

function ChoiceControl({ control, label, value, isLocked, onChange }: IntegerProps<"choice">) {
  const isListed = control.choices.some((choice) => choice.value === value);
  const choices = isListed ? control.choices : [...control.choices, { value, label: `value ${value}` }];
  return (
    <Select
      label={label}
      value={String(value)}
      choices={choices.map((choice) => ({ value: String(choice.value), label: choice.label }))}
      isDisabled={isLocked}
      onChange={(text) => onChange([Number(text)])}
    />
  );
}

function MaskControl({ control, label, value, isLocked, onChange }: IntegerProps<"mask">) {
  return (
    <fieldset class="scene-mask" aria-label={label}>
      {control.labels.map((name, bit) => (
        <label key={name}>
          <input
            class="checkbox"
            type="checkbox"
            checked={(value & (1 << bit)) !== 0}
            disabled={isLocked}
            onChange={() => onChange([value ^ (1 << bit)])}
          />
          {name}
        </label>
      ))}
    </fieldset>
  );
}

function withPresent(values: readonly string[], present: string): readonly string[] {
  return values.includes(present) ? values : [present, ...values];
}

function fixedText(value: unknown): string {
  if (value === null || value === undefined) return "unknown";
  if (typeof value !== "object") return String(value);
  const rows = (value as { readonly m?: readonly unknown[] }).m;
  if (rows === undefined) return componentsOf(value, 2).join(" ");
  return rows
    .map((row) =>
      componentsOf(row, 4)
        .map((number) => Number(number.toPrecision(4)))
        .join("  "),
    )
    .join("\n");
}
