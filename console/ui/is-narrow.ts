import { signal } from "@preact/signals";

const query = matchMedia("(width < 960px)");

/** Whether there is no room for three panes side by side, as on a tablet held upright. */
export const isNarrow = signal(query.matches);
query.addEventListener("change", ({ matches }) => {
  isNarrow.value = matches;
});
