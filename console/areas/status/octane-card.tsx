import { health, linkState, type OctaneEntry, octaneName } from "../../api/health.ts";
import { formatDuration } from "../../quantity/format-quantity.ts";

/** Which Octane this is, and how the proxy stands to it. */
export function OctaneCard() {
  const state = linkState.value;
  const { octane, octanes = [], generation, epoch, version, uptimeSeconds, error } = health.value ?? {};
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
      {octanes.length > 1 && <AllOctanes octanes={octanes} />}
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

function AllOctanes({ octanes }: { readonly octanes: readonly OctaneEntry[] }) {
  return (
    <table class="card-table">
      <caption class="visually-hidden">All Octanes of this proxy</caption>
      <thead>
        <tr>
          <th scope="col">Octane</th>
          <th scope="col">Address</th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        {octanes.map(({ name, address, connected }) => (
          <tr key={name}>
            <td>{name}</td>
            <td>{address}</td>
            <td>{connected ? "connected" : "away"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
