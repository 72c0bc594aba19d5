import { useEffect, useState } from "preact/hooks";
import { linkState } from "../../api/health.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorState } from "../../ui/message.tsx";
import { SplitPane } from "../../ui/split-pane.tsx";
import { draftOf, lastRun, sendDraft, sendNext, setDraft } from "./calls-state.ts";
import { contract } from "./contract.ts";
import { CopyButtons } from "./copy-buttons.tsx";
import type { FormSchemas } from "./form-schema.ts";
import { formatBody, parseBody } from "./json-text.ts";
import type { Method } from "./method.ts";
import { ReplyView } from "./reply-view.tsx";
import { RequestForm } from "./request-form.tsx";
import type { RunHandle } from "./run.ts";

/** One method: its request as a form and as JSON, and what came back. */
export function CallPanel({ method }: { readonly method: Method }) {
  const { schemas, error, retry } = useSchemas(method);
  const handle = lastRun.value?.run.value.method.id === method.id ? lastRun.value : undefined;
  const body = draftOf(method);
  const isValid = parseBody(body).isValid;

  return (
    // Keys of the fields inside bubble to here.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div
      class="panel calls-panel"
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !isValid) return;
        event.preventDefault();
        sendDraft(method);
      }}
    >
      <div class="panel-header calls-header">
        <h2 title={`${method.fullServiceName}/${method.name}`}>
          <span class="dim">{method.service}/</span>
          {method.name}
        </h2>
        {method.kind !== "unary" && <span class="badge">{method.kind.replace("_", " ")}</span>}
        {method.readsOnly && (
          <span class="badge is-ok" title="Changes nothing in Octane">
            only reads
          </span>
        )}
        <CopyButtons method={method} body={body} />
        <SendButtons method={method} handle={handle} isValid={isValid} />
      </div>
      <Notes method={method} summary={schemas?.summaryOf(method)} />
      <div class="calls-work">
        <SplitPane
          name="calls.reply"
          label="Height of the request"
          direction="column"
          initialPx={Math.round(Math.max(240, (innerHeight - 160) * 0.45))}
          minPx={120}
          first={<Request method={method} schemas={schemas} error={error} retry={retry} handle={handle} />}
          second={<ReplyView method={method} handle={handle} />}
        />
      </div>
    </div>
  );
}

function SendButtons({
  method,
  handle,
  isValid,
}: {
  readonly method: Method;
  readonly handle: RunHandle | undefined;
  readonly isValid: boolean;
}) {
  const run = handle?.run.value;
  if (handle !== undefined && run?.state === "running") {
    return (
      <>
        {run.takesRequests && (
          <>
            <Button icon="send" disabled={!isValid} onClick={() => sendNext(method)}>
              Send another
            </Button>
            <Button onClick={() => handle.end()}>End requests</Button>
          </>
        )}
        <Button icon="stop" onClick={() => handle.cancel()}>
          Cancel
        </Button>
      </>
    );
  }
  return (
    <Button
      look="primary"
      icon="send"
      disabled={!isValid}
      title="Ctrl+Enter"
      onClick={() => sendDraft(method)}
    >
      Send
    </Button>
  );
}

function Notes({ method, summary }: { readonly method: Method; readonly summary: string | undefined }) {
  const isAway = linkState.value === "no-octane" || linkState.value === "no-proxy";
  if (summary === undefined && !isAway) return null;
  return (
    <div class="calls-notes">
      {summary !== undefined && <p class="dim">{withoutKind(summary, method)}</p>}
      {isAway && (
        <p class="calls-warning" role="status">
          {linkState.value === "no-proxy" ? "The proxy does not answer" : "Octane is away"}: calls fail until
          it is back.
        </p>
      )}
    </div>
  );
}

/** The document's summaries end with how a method streams, which has its own place here. */
function withoutKind(summary: string, { kind }: Method): string {
  return kind === "unary" ? summary : summary.replace(/ \([^()]*\)$/, "");
}

function Request({
  method,
  schemas,
  error,
  retry,
  handle,
}: {
  readonly method: Method;
  readonly schemas: FormSchemas | undefined;
  readonly error: unknown;
  readonly retry: () => void;
  readonly handle: RunHandle | undefined;
}) {
  const text = draftOf(method);
  const parsed = parseBody(text);
  const shape = schemas?.requestOf(method);
  const run = handle?.run.value;
  // What was edited since may be right by now.
  const failure = run?.body === text ? run.error : undefined;
  return (
    <SplitPane
      name="calls.form"
      label="Width of the form"
      initialPx={Math.round(Math.max(320, (innerWidth - 400) * 0.55))}
      minPx={200}
      first={
        <section class="panel" aria-label="Request as a form">
          <div class="panel-body calls-form">
            {error !== undefined ? (
              <ErrorState title="The form did not load" error={error} onRetry={retry} />
            ) : shape === undefined ? (
              <p class="dim calls-loading">
                {schemas === undefined ? "Loading the form" : "There is no form"}
              </p>
            ) : parsed.isValid ? (
              <RequestForm
                shape={shape}
                value={parsed.value}
                errorField={failure?.field}
                errorMessage={withoutField(failure?.message)}
                onChange={(value) => setDraft(method, formatBody(value))}
              />
            ) : (
              <p class="dim calls-loading">The form is back when the JSON beside it can be read.</p>
            )}
          </div>
        </section>
      }
      second={
        <section class="panel calls-json" aria-label="Request as JSON">
          <textarea
            class="textarea mono"
            aria-label="Request as JSON"
            aria-invalid={!parsed.isValid}
            aria-describedby={parsed.isValid ? undefined : "calls-json-problem"}
            spellcheck={false}
            autocomplete="off"
            value={text}
            onInput={(event) => setDraft(method, event.currentTarget.value)}
          />
          {!parsed.isValid && (
            <p id="calls-json-problem" class="field-error" role="alert">
              {parsed.error}
            </p>
          )}
        </section>
      }
    />
  );
}

/** The proxy's messages begin with the field, which the note under it need not. */
function withoutField(message: string | undefined): string | undefined {
  return message?.replace(/^field "(?:[^"\\]|\\.)*": /, "");
}

interface LoadedSchemas {
  readonly schemas: FormSchemas | undefined;
  readonly error: unknown;
  readonly retry: () => void;
}

function useSchemas(method: Method): LoadedSchemas {
  const known = contract.value;
  const [attempt, setAttempt] = useState(0);
  const [loaded, setLoaded] = useState<Omit<LoadedSchemas, "retry">>({
    schemas: undefined,
    error: undefined,
  });
  useEffect(() => {
    let isWanted = true;
    known?.schemasOf({ fullName: method.fullServiceName }).then(
      (schemas) => isWanted && setLoaded({ schemas, error: undefined }),
      (error: unknown) => isWanted && setLoaded({ schemas: undefined, error }),
    );
    return () => {
      isWanted = false;
    };
  }, [known, method.fullServiceName, attempt]);
  return { ...loaded, retry: () => setAttempt(attempt + 1) };
}
