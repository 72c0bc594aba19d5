import { health, isSimulator, type LinkState, linkState, type OctaneEntry } from "../api/health.ts";
import { consoleUrlOf, setToken, token } from "../api/proxy.ts";
import { IconButton } from "../ui/button.tsx";
import { Select } from "../ui/select.tsx";
import { theme, toggleTheme } from "./theme.ts";

const stateText: Record<LinkState, string> = {
  loading: "Connecting",
  "no-proxy": "Proxy does not answer",
  locked: "Token needed",
  "no-octane": "Octane is away",
  ready: "Connected",
};

const stateLook: Record<LinkState, string> = {
  loading: "",
  "no-proxy": "is-error",
  locked: "is-warn",
  "no-octane": "is-error",
  ready: "is-ok",
};

/** The line at the top: whose Octane this is, and whether it is there. */
export function Header() {
  const { name = "", octane, octanes = [], generation, simulator } = health.value ?? {};
  const state = linkState.value;
  return (
    <header class="header">
      <h1>OctaneProxy</h1>
      <span class={`badge ${stateLook[state]}`} role="status" data-state={state}>
        {stateText[state]}
      </span>
      {octanes.length > 1 && <OctaneChoice name={name} octanes={octanes} />}
      {octane !== undefined && (
        <span class="dim header-address" title={octane}>
          {simulator ? "built-in simulator" : isSimulator.value ? `simulator at ${octane}` : octane}
        </span>
      )}
      {generation && <span class="dim header-generation">{generationText(generation)}</span>}
      <span class="header-space" />
      <a class="button is-plain" href="../docs/" target="_blank" rel="noreferrer">
        API reference
      </a>
      {token.value !== undefined && (
        <IconButton icon="key" label="Forget the token" onClick={() => setToken(undefined)} />
      )}
      <IconButton
        icon={theme.value === "dark" ? "sun" : "moon"}
        label={theme.value === "dark" ? "Light theme" : "Dark theme"}
        onClick={toggleTheme}
      />
    </header>
  );
}

function OctaneChoice({
  name,
  octanes,
}: {
  readonly name: string;
  readonly octanes: readonly OctaneEntry[];
}) {
  return (
    <div class="header-octane">
      <Select
        label="Octane"
        value={name}
        choices={octanes.map((each) => ({
          value: each.name,
          label: each.connected ? each.name : `${each.name} (away)`,
        }))}
        onChange={(wanted) => location.assign(`${consoleUrlOf(wanted)}${location.hash}`)}
      />
    </div>
  );
}

function generationText(generation: string): string {
  if (generation === "alpha5") return "2026.1 Alpha 5";
  return generation === "beta2" ? "2026.1 Beta 2" : generation;
}
