import type { Call } from "./call.ts";
import { barLength, formatMs, phasesOf } from "./call-timing.ts";

/** How long a call took beside the longest, and in colours what it waited for. */
export function PhaseBar({ call, longestMs }: { readonly call: Call; readonly longestMs: number }) {
  const phases = phasesOf(call);
  const width = `${Math.max(0.01, barLength(call.durationMs, longestMs)) * 100}%`;
  return (
    <span class="phase-bar" style={{ width }} title={describe(call)} aria-hidden="true">
      {phases.length === 0 ? (
        <span class="phase is-unknown" style={{ flexGrow: 1 }} />
      ) : (
        phases.map(({ name, share }) => (
          <span key={name} class={`phase is-${name}`} style={{ flexGrow: share }} />
        ))
      )}
    </span>
  );
}

function describe(call: Call): string {
  const phases = phasesOf(call).map(({ label, ms }) => `${label}: ${formatMs(ms)}`);
  return [`${formatMs(call.durationMs)} in all`, ...phases].join("\n");
}

/** The phases of one call one below the other, each where it lay in the whole. */
export function PhaseTable({ call }: { readonly call: Call }) {
  const phases = phasesOf(call);
  let before = 0;
  return (
    <table class="phase-table">
      <caption class="visually-hidden">Where the time went</caption>
      <tbody>
        {phases.map(({ name, label, ms, share }) => {
          const left = before;
          before += share;
          return (
            <tr key={name}>
              <th scope="row">{label}</th>
              <td class="phase-track">
                <span
                  class={`phase is-${name}`}
                  style={{ marginLeft: `${left * 100}%`, width: `${share * 100}%` }}
                />
              </td>
              <td class="phase-ms">{formatMs(ms)}</td>
            </tr>
          );
        })}
        <tr>
          <th scope="row">In all</th>
          <td>{phases.length === 0 && <span class="dim">not measured in parts</span>}</td>
          <td class="phase-ms">{formatMs(call.durationMs)}</td>
        </tr>
      </tbody>
    </table>
  );
}
