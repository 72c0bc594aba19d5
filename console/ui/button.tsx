import type { ButtonHTMLAttributes, ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "icon" | "class"> {
  /** One primary button on a screen at most. */
  readonly look?: "normal" | "primary" | "plain";
  readonly icon?: IconName;
  readonly isPressed?: boolean | undefined;
  readonly children?: ComponentChildren;
}

export function Button({ look = "normal", icon, isPressed, children, ...rest }: ButtonProps) {
  return (
    <button type="button" class={`button is-${look}`} aria-pressed={isPressed} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button that shows only an icon; the label is its name and its tooltip. */
export function IconButton({
  icon,
  label,
  look = "plain",
  isPressed,
  ...rest
}: Omit<ButtonProps, "children" | "icon"> & { readonly icon: IconName; readonly label: string }) {
  return (
    <button
      type="button"
      class={`button is-icon is-${look}`}
      aria-label={label}
      title={label}
      aria-pressed={isPressed}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}
