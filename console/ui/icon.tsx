/** Paths on a field of 16 by 16. */
const paths = {
  viewport: "M2 3h12v8H2zM6 14h4M8 11v3",
  scene: "M8 1.8 14 5v6l-6 3.2L2 11V5zM2 5l6 3.2L14 5M8 8.2v6",
  calls: "M5 4 1.5 8 5 12M11 4l3.5 4L11 12M9 2.5l-2 11",
  traffic: "M4.5 13V3M2 5.5 4.5 3 7 5.5M11.5 3v10M9 10.5l2.5 2.5 2.5-2.5",
  status: "M1.5 8.5h3l2-5 3 9 2-4h3",
  play: "M4.5 3v10l8-5z",
  pause: "M5 3v10M11 3v10",
  stop: "M4 4h8v8H4z",
  restart: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3",
  save: "M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11",
  fit: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
  actual: "M3 4.5 4.5 3.5v9M11 4.5l1.5-1v9M8 6.5v.01M8 10v.01",
  home: "M2 8l6-5.5L14 8M4 6.5V13h8V6.5",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  moon: "M13 9.5A5.5 5.5 0 1 1 6.5 3 4.5 4.5 0 0 0 13 9.5z",
  key: "M10 6.5a3 3 0 1 0-3 3 3 3 0 0 0 3-3zM9.2 8.6 14 13.5M12 11.5l-1.5 1.5",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.5 10.5 14 14",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3 8.5 6.5 12 13 4.5",
  chevron: "M6 3.5 10.5 8 6 12.5",
  warning: "M8 2 15 14H1zM8 6.5v3.5M8 12v.01",
  info: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM8 7v4M8 4.8v.01",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  send: "M2 8h11M9 4l4 4-4 4",
  undo: "M5.5 3 2.5 6l3 3M2.5 6H10a3.5 3.5 0 0 1 0 7H6",
  redo: "M10.5 3l3 3-3 3M13.5 6H6a3.5 3.5 0 0 0 0 7h4",
  trash: "M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9",
  record: "M8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z",
  plus: "M8 3v10M3 8h10",
  more: "M3.5 8v.01M8 8v.01M12.5 8v.01",
  link: "M6.5 9.5l3-3M7 5l1.8-1.8a2.8 2.8 0 0 1 4 4L11 9M9 11l-1.8 1.8a2.8 2.8 0 0 1-4-4L5 7",
  help: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM6.3 6.3A1.8 1.8 0 1 1 8 8.6V9.5M8 11.7v.01",
} as const;

export type IconName = keyof typeof paths;

/** Beside a label, or inside a control that has one: screen readers do not hear it. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
