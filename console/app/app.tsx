import { useEffect, useRef } from "preact/hooks";
import { isSimulator } from "../api/health.ts";
import { needsToken } from "../api/proxy.ts";
import { Area } from "./area-loader.tsx";
import { Header } from "./header.tsx";
import { Navigation } from "./navigation.tsx";
import { type AreaName, formatPlace } from "./place.ts";
import { route } from "./route.ts";
import { Toasts } from "./toasts.tsx";
import { TokenDialog } from "./token-dialog.tsx";
import "./app.css";

/** The frame around the areas. */
export function App() {
  const place = route.value;
  const places = useRef(new Map<AreaName, string>()).current;
  places.set(place.area, formatPlace(place));
  useEffect(() => {
    document.title = `${place.area[0]?.toUpperCase()}${place.area.slice(1)} - OctaneProxy`;
  }, [place.area]);
  return (
    <div class="app">
      {isSimulator.value && (
        <div class="simulator-banner" role="note">
          <strong>Simulator - not Octane.</strong> <span>Pictures and values are made up.</span>
        </div>
      )}
      <Header />
      <Navigation places={places} />
      <main class="main">
        <Area name={place.area} />
      </main>
      <Toasts />
      {needsToken.value && <TokenDialog />}
    </div>
  );
}
