import type { ComponentChildren } from "preact";
import { OctaneError } from "../../src/client/client.ts";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";

/** What stands where there is nothing to show: why, and what to do. */
export function EmptyState({
  title,
  icon = "info",
  children,
}: {
  readonly title: string;
  readonly icon?: IconName;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="message">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** A failure where its result would have stood. */
export function ErrorState({
  title,
  error,
  onRetry,
}: {
  readonly title: string;
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
}) {
  const { message, hint } = explainError(error);
  return (
    <div class="message is-error" role="alert">
      <Icon name="warning" />
      <h2>{title}</h2>
      <p>{message}</p>
      {hint !== undefined && <p>{hint}</p>}
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

export function LoadingState({ label }: { readonly label: string }) {
  return (
    <div class="message" role="status">
      <span class="spinner" />
      <p>{label}</p>
    </div>
  );
}

/** An error in words for a person. */
export function explainError(error: unknown): {
  readonly message: string;
  readonly hint: string | undefined;
} {
  if (error instanceof OctaneError) {
    return {
      message: error.field === undefined ? error.message : `${error.field}: ${error.message}`,
      hint: error.hint,
    };
  }
  return { message: error instanceof Error ? error.message : String(error), hint: undefined };
}
