import { effect, signal } from "@preact/signals";

export type Theme = "dark" | "light";

const key = "octane-proxy.theme";

export const theme = signal<Theme>("dark");

/** Shows the chosen theme, else the system's, and follows both. */
export function startTheme(): void {
  const system = matchMedia("(prefers-color-scheme: light)");
  const choose = () => {
    theme.value = chosenTheme() ?? (system.matches ? "light" : "dark");
  };
  system.addEventListener("change", choose);
  choose();
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
  });
}

/** To the other theme, also for later visits. */
export function toggleTheme(): void {
  theme.value = theme.value === "dark" ? "light" : "dark";
  localStorage.setItem(key, theme.value);
}

function chosenTheme(): Theme | undefined {
  const stored = localStorage.getItem(key);
  return stored === "dark" || stored === "light" ? stored : undefined;
}
