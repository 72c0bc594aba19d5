import { formatPlace } from "../../app/place.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/message.tsx";
import { clearHistory, history } from "./calls-state.ts";

/** Calls that were sent, the newest first; each leads back to its method and request. */
export function HistoryList() {
  const calls = history.value;
  if (calls.length === 0) {
    return (
      <EmptyState title="No calls yet">
        <p>What you send is kept here, in this browser only.</p>
      </EmptyState>
    );
  }
  return (
    <div class="calls-history">
      <ul aria-label="Calls that were sent">
        {calls.map(({ service, method, body, at, durationMs, code }) => (
          <li key={`${at} ${service} ${method}`}>
            <a
              class="calls-past"
              href={formatPlace({ area: "calls", path: [service, method], query: { body } })}
            >
              <span class="calls-past-name">
                {service}
                <span class="dim">/</span>
                {method}
              </span>
              <span class={code === "OK" ? "calls-ok" : "calls-failed"}>{code}</span>
              <code class="calls-past-body dim">
                {body === undefined ? "too large to keep" : oneLine(body)}
              </code>
              <span class="dim">{formatMs(durationMs)}</span>
              <time class="dim" dateTime={new Date(at).toISOString()}>
                {new Date(at).toLocaleTimeString("en", { hour12: false })}
              </time>
            </a>
          </li>
        ))}
      </ul>
      <div class="calls-history-actions">
        <Button icon="trash" onClick={clearHistory}>
          Clear
        </Button>
      </div>
    </div>
  );
}

function oneLine(body: string): string {
  return body.replace(/\s+/g, " ").slice(0, 120);
}

export function formatMs(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
