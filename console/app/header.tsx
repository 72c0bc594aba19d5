import { health, type LinkState, linkState } from "../api/health.ts";
import { setToken, token } from "../api/proxy.ts";
import { IconButton } from "../ui/button.tsx";
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
  const { octane, generation, simulator } = health.value ?? {};
  const state = linkState.value;
  return (
    <header class="header">
      <h1>OctaneProxy</h1>
      <span class={`badge ${stateLook[state]}`} role="status" data-state={state}>
        {stateText[state]}
      </span>
      {octane !== undefined && (
        <span class="dim header-address" title={octane}>
          {simulator ? "built-in simulator" : octane}
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

function generationText(generation: string): string {
  if (generation === "alpha5") return "2026.1 Alpha 5";
  return generation === "beta2" ? "2026.1 Beta 2" : generation;
}
