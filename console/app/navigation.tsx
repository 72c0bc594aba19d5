import { Icon } from "../ui/icon.tsx";
import { type AreaName, formatPlace } from "./place.ts";
import { route } from "./route.ts";

const labels: Record<AreaName, string> = {
  viewport: "Viewport",
  scene: "Scene",
  calls: "Calls",
  traffic: "Traffic",
  status: "Status",
};

/** The five areas; each remembers the place that was last open in it. */
export function Navigation({ places }: { readonly places: ReadonlyMap<AreaName, string> }) {
  const current = route.value.area;
  return (
    <nav class="navigation" aria-label="Areas">
      {(Object.keys(labels) as AreaName[]).map((area) => (
        <a
          key={area}
          class="navigation-link"
          href={places.get(area) ?? formatPlace({ area })}
          aria-current={area === current ? "page" : undefined}
        >
          <Icon name={area} />
          <span>{labels[area]}</span>
        </a>
      ))}
    </nav>
  );
}
