import { health, linkState, octaneName } from "../../api/health.ts";
import { formatDuration } from "../../quantity/format-quantity.ts";

/** Which Octane this is, and how the proxy stands to it. */
export function OctaneCard() {
  const state = linkState.value;
  const { octane, generation, epoch, version, uptimeSeconds, error } = health.value ?? {};
  return (
    <section class="card" aria-label="Octane">
      <h2>Octane</h2>
      <dl class="card-facts">
        <dt>State</dt>
        <dd>{stateText[state]}</dd>
        <dt>Address</dt>
        <dd>{octane ?? "–"}</dd>
        <dt>Name</dt>
        <dd>{octaneName.value ?? "–"}</dd>
        <dt>Generation</dt>
        <dd>{generation ?? "not known yet"}</dd>
        <dt>Epoch</dt>
        <dd>{epoch ?? "–"}</dd>
        <dt>Proxy</dt>
        <dd>
          {version ?? "–"}
          {uptimeSeconds !== undefined && `, up ${formatDuration(uptimeSeconds)}`}
        </dd>
      </dl>
      {error !== undefined && <p class="card-error">{error}</p>}
    </section>
  );
}

const stateText = {
  loading: "connecting",
  "no-proxy": "the proxy does not answer",
  locked: "the proxy needs its token",
  "no-octane": "Octane does not answer",
  ready: "connected",
} as const;
