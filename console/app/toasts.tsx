import { signal } from "@preact/signals";
import { IconButton } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { explainError } from "../ui/message.tsx";
import "./toasts.css";

interface Toast {
  readonly id: number;
  readonly kind: "info" | "error";
  readonly title: string;
  readonly text: string | undefined;
}

const shownMs = 6_000;
const most = 4;

const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

/** A short note on something that succeeded. */
export function notify(title: string, text?: string): void {
  show({ kind: "info", title, text });
}

/** Says what failed and why; `error` is what was thrown. */
export function notifyError(title: string, error: unknown): void {
  const { message, hint } = explainError(error);
  show({ kind: "error", title, text: hint === undefined ? message : `${message}. ${hint}` });
}

function show(toast: Omit<Toast, "id">): void {
  const id = ++lastId;
  const others = toasts.value.filter(({ title, text }) => title !== toast.title || text !== toast.text);
  toasts.value = [...others, { ...toast, id }].slice(-most);
  setTimeout(() => dismiss(id), shownMs);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function Toasts() {
  return (
    <div class="toasts" aria-live="polite" role="status">
      {toasts.value.map(({ id, kind, title, text }) => (
        <div key={id} class={`toast is-${kind}`}>
          <Icon name={kind === "error" ? "warning" : "check"} />
          <div class="toast-text">
            <strong>{title}</strong>
            {text !== undefined && <div>{text}</div>}
          </div>
          <IconButton icon="close" label="Dismiss" onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
