import { useEffect, useRef } from "preact/hooks";
import { formatPlace } from "../../app/place.ts";
import { notify, notifyError } from "../../app/toasts.tsx";
import { IconButton } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/message.tsx";
import { formatMs } from "./history-list.tsx";
import type { Method } from "./method.ts";
import { mostMessages, type Run, type RunHandle, type RunMessage } from "./run.ts";

/** Of a reply; the rest is copied or saved. */
const maxShownLength = 200_000;

/** What came back: status, time, and every message. */
export function ReplyView({
  method,
  handle,
}: {
  readonly method: Method;
  readonly handle: RunHandle | undefined;
}) {
  if (handle === undefined) {
    return (
      <EmptyState title="Nothing sent yet" icon="send">
        <p>
          Send with <kbd>Ctrl</kbd> + <kbd>Enter</kbd>.{" "}
          {method.readsOnly ? "This call only reads." : "This call may change what is open in Octane."}
        </p>
      </EmptyState>
    );
  }
  const run = handle.run.value;
  return (
    <section class="panel" aria-label="Reply">
      <Outcome run={run} />
      <div class="panel-body calls-reply">
        {run.error !== undefined && <Failure run={run} />}
        {method.kind === "unary" ? <SingleReply run={run} /> : <Messages run={run} />}
      </div>
    </section>
  );
}

function Outcome({ run }: { readonly run: Run }) {
  const { state, error, status, durationMs, messageCount, receivedBytes, callId, method } = run;
  const text = run.messages.at(-1)?.text;
  return (
    <div class="panel-header calls-outcome">
      <span role="status" class="calls-outcome-state">
        {state === "running" ? (
          <span class="badge">
            <span class="spinner" /> running
          </span>
        ) : (
          <span class={`badge ${error === undefined ? "is-ok" : "is-error"}`}>
            {status === undefined ? "" : `${status} `}
            {error?.code ?? "OK"}
          </span>
        )}
      </span>
      {durationMs !== undefined && <span title="Measured in this page">{formatMs(durationMs)}</span>}
      <PhasesBar run={run} />
      {method.kind !== "unary" && (
        <span>
          {messageCount} {messageCount === 1 ? "message" : "messages"}
        </span>
      )}
      {receivedBytes > 0 && <span>{formatBytes(receivedBytes)}</span>}
      {callId !== undefined && (
        <a
          class="calls-id"
          href={formatPlace({ area: "traffic", query: { q: callId } })}
          title="Find it in Traffic"
        >
          {callId}
        </a>
      )}
      <span class="calls-space" />
      {text !== undefined && method.kind === "unary" && (
        <>
          <IconButton icon="copy" label="Copy the reply" onClick={() => void copy(text)} />
          <IconButton icon="save" label="Save the reply" onClick={() => save(method, text)} />
        </>
      )}
    </div>
  );
}

const phaseNames = [
  ["queueMs", "waiting"],
  ["decodeMs", "decode"],
  ["upstreamMs", "Octane"],
  ["encodeMs", "encode"],
] as const;

/** Where the time went, in proportion. */
function PhasesBar({ run: { phases } }: { readonly run: Run }) {
  if (phases === undefined) return null;
  const parts = phaseNames.map(([key, name]) => ({ name, ms: phases[key] ?? 0 }));
  const label = parts.map(({ name, ms }) => `${name} ${ms.toFixed(2)} ms`).join(", ");
  return (
    <span class="calls-phases" role="img" aria-label={`In the proxy: ${label}`} title={label}>
      {parts.map(({ name, ms }) => (
        <span key={name} class={`calls-phase is-${name}`} style={{ flexGrow: Math.max(ms, 0.001) }} />
      ))}
    </span>
  );
}

function Failure({ run: { error } }: { readonly run: Run }) {
  if (error === undefined) return null;
  return (
    <div class="calls-error" role="alert">
      <p>
        <strong>{error.message}</strong>
      </p>
      {error.hint !== undefined && <p>{error.hint}</p>}
      <dl>
        {error.reason !== undefined && (
          <>
            <dt>reason</dt>
            <dd class="mono">{error.reason}</dd>
          </>
        )}
        {error.field !== undefined && (
          <>
            <dt>field</dt>
            <dd class="mono">{error.field}</dd>
          </>
        )}
      </dl>
      {error.details.length > 0 && <pre>{JSON.stringify(error.details, null, 2)}</pre>}
    </div>
  );
}

function SingleReply({ run: { messages } }: { readonly run: Run }) {
  const text = messages[0]?.text;
  if (text === undefined) return null;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard */}
      <pre class="calls-text" tabIndex={0}>
        {text.slice(0, maxShownLength)}
      </pre>
      {text.length > maxShownLength && (
        <p class="dim calls-loading">
          {(text.length - maxShownLength).toLocaleString("en")} more characters: copy or save the reply to see
          them.
        </p>
      )}
    </>
  );
}

/** A conversation, the newest last and in sight, until somebody scrolls up. */
function Messages({ run: { messages, messageCount, state } }: { readonly run: Run }) {
  const end = useRef<HTMLLIElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    const list = end.current?.parentElement;
    if (list === null || list === undefined) return;
    const observer = new IntersectionObserver(([entry]) => {
      isAtEnd.current = entry?.isIntersecting ?? true;
    });
    if (end.current !== null) observer.observe(end.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (isAtEnd.current) end.current?.scrollIntoView({ block: "nearest" });
  }, [messageCount]);
  return (
    <>
      {messageCount > mostMessages && <p class="dim calls-loading">The newest {mostMessages} messages.</p>}
      <ul class="calls-messages" aria-label="Messages">
        {messages.map((message) => (
          <Message key={message.number} message={message} />
        ))}
        {state === "running" && messageCount === 0 && <li class="dim calls-loading">Nothing yet.</li>}
        <li ref={end} class="calls-messages-end" aria-hidden="true" />
      </ul>
    </>
  );
}

function Message({ message: { number, direction, atMs, text } }: { readonly message: RunMessage }) {
  const firstLine = text.replace(/\s+/g, " ").slice(0, 200);
  return (
    <li>
      <details>
        <summary class={`calls-message is-${direction}`}>
          <span class="dim">{number}</span>
          <span class="calls-direction">{direction}</span>
          <span class="dim">{formatMs(atMs)}</span>
          <code>{firstLine}</code>
        </summary>
        <pre class="calls-text">{text}</pre>
      </details>
    </li>
  );
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify("Copied the reply");
  } catch (error) {
    notifyError("Nothing was copied", error);
  }
}

function save(method: Method, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${method.service}-${method.name}.json`;
  link.click();
  URL.revokeObjectURL(url);
}

function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
