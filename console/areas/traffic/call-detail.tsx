import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { OctaneError } from "../../../src/client/client.ts";
import { health } from "../../api/health.ts";
import { consoleUrlOf, requestRaw } from "../../api/proxy.ts";
import { formatPlace } from "../../app/place.ts";
import { route, setQuery } from "../../app/route.ts";
import { notifyError } from "../../app/toasts.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { ErrorState, LoadingState } from "../../ui/message.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { BodyView } from "./body-view.tsx";
import type { Call, CallBodies, Header, WholeCall } from "./call.ts";
import { formatMs } from "./call-timing.ts";
import { PhaseTable } from "./phase-bar.tsx";
import { messageOf, type RepeatedRequest, repeatCall } from "./repeat-call.ts";
import { useCallDetails } from "./use-call-details.ts";

const tabs = [
  { name: "reply", label: "Reply" },
  { name: "request", label: "Request" },
  { name: "timing", label: "Timing" },
  { name: "headers", label: "Headers" },
] as const;

export interface CallDetailProps {
  readonly sequence: number;
  /** Undefined where its row is not in the list: then the proxy is asked alone. */
  readonly row: Call | undefined;
  readonly onClose: () => void;
  /** Called with the id of the new call. */
  readonly onRepeated: (callId: string) => void;
}

/** One call from its address to the last byte. */
export function CallDetail({ sequence, row, onClose, onRepeated }: CallDetailProps) {
  const details = useCallDetails(sequence, row?.startedAt);
  const call = details.state === "ready" ? details.call : row;
  const tab = tabs.find(({ name }) => name === route.value.query.tab)?.name ?? "reply";
  return (
    <section class="panel call-detail" aria-label="Selected call">
      <div class="panel-header">
        <h2 class="detail-title" title={call?.path}>
          {call?.call ?? `Call ${sequence}`}
        </h2>
        {details.state === "ready" && <DetailActions {...details} onRepeated={onRepeated} />}
        <IconButton icon="close" label="Close the call" onClick={onClose} />
      </div>
      {call !== undefined && <Summary call={call} />}
      <div class="detail-tabs">
        <Tabs
          label="Parts of the call"
          tabs={tabs}
          selected={tab}
          onSelect={(name) => setQuery({ tab: name === "reply" ? undefined : name })}
        >
          {details.state === "loading" && <LoadingState label="Loading the call" />}
          {details.state === "failed" && (
            <ErrorState
              title="Only its row is left"
              error={isForgotten(details.error) ? new Error(forgotten) : details.error}
            />
          )}
          {details.state === "ready" && <Part tab={tab} call={details.call} bodies={details.bodies} />}
        </Tabs>
      </div>
    </section>
  );
}

const forgotten = "The proxy keeps headers and bodies of its last 1,000 calls; this one is older.";

function isForgotten(error: unknown): boolean {
  return error instanceof OctaneError && error.reason === "unknown_resource";
}

function Summary({ call }: { readonly call: Call }) {
  const { error, messages } = call;
  return (
    <div class="detail-summary">
      <span class={`badge ${error === undefined ? "is-ok" : "is-error"}`}>
        {call.status} {call.code}
      </span>
      <span>{formatMs(call.durationMs)}</span>
      <span class="dim">{call.protocol}</span>
      {call.kind !== null && call.kind !== "unary" && (
        <span class="dim">{call.kind.replaceAll("_", " ")}</span>
      )}
      {messages !== undefined && (
        <span class="dim">
          {messages.request} sent, {messages.reply} received
        </span>
      )}
      {error !== undefined && (
        <p class="detail-error">
          <Icon name="warning" />
          <span>
            {error.message} <span class="dim">({error.reason})</span>
          </span>
        </p>
      )}
    </div>
  );
}

function DetailActions({
  call,
  bodies,
  onRepeated,
}: {
  readonly call: WholeCall;
  readonly bodies: CallBodies;
  readonly onRepeated: (callId: string) => void;
}) {
  const [isBusy, setBusy] = useState(false);
  const { request, obstacle } = repeatCall(call, bodies);
  const repeat = async () => {
    if (request === undefined || isBusy) return;
    setBusy(true);
    const callId = await sendAgain(request);
    setBusy(false);
    if (callId !== undefined) onRepeated(callId);
  };
  const isOfThisConsole = health.value === undefined || health.value.name === call.octane;
  return (
    <>
      <Button
        icon="restart"
        disabled={obstacle !== undefined || isBusy}
        title={obstacle ?? "Send the same request again"}
        onClick={() => void repeat()}
      >
        Repeat
      </Button>
      {call.service !== null && call.method !== null && (
        <a
          class="button"
          href={`${isOfThisConsole ? "" : consoleUrlOf(call.octane)}${formatPlace({
            area: "calls",
            path: [call.service, call.method],
            query: { body: messageOf(call, bodies) },
          })}`}
        >
          <Icon name="calls" />
          Open in Calls
        </a>
      )}
    </>
  );
}

/** Resolves with the id of the call; its failure is one more row of the list, and no failure of ours. */
async function sendAgain({ path, method, headers, body }: RepeatedRequest): Promise<string | undefined> {
  try {
    const response = await requestRaw(path, {
      method,
      headers,
      ...(body && { body: body as Uint8Array<ArrayBuffer> }),
    });
    await response.arrayBuffer();
    return response.headers.get("x-call-id") ?? undefined;
  } catch (error) {
    if (error instanceof OctaneError && error.callId !== undefined) return error.callId;
    notifyError("The call was not repeated", error);
    return undefined;
  }
}

function Part({
  tab,
  call,
  bodies,
}: {
  readonly tab: (typeof tabs)[number]["name"];
  readonly call: WholeCall;
  readonly bodies: CallBodies;
}) {
  switch (tab) {
    case "reply":
      return <BodyView label="Reply" body={bodies.reply} bytes={call.replyBytes} />;
    case "request":
      return <BodyView label="Request" body={bodies.request} bytes={call.requestBytes} />;
    case "timing":
      return (
        <div class="detail-part">
          <PhaseTable call={call} />
          <Facts
            facts={[
              ["Started", new Date(call.startedAt).toLocaleString()],
              ["Call id", call.id],
              ["Number", String(call.sequence)],
              ["Octane", call.octane],
              ["Origin", call.origin ?? "none"],
            ]}
          />
        </div>
      );
    case "headers":
      return (
        <div class="detail-part">
          <Facts
            facts={[
              ["Address", `${call.httpMethod} ${call.path}`],
              ["Method", call.service === null ? "none of the contract" : `${call.service}/${call.method}`],
            ]}
          />
          <h3>Request</h3>
          <Facts facts={call.requestHeaders.map(asFact)} />
          <h3>Reply</h3>
          <Facts facts={call.replyHeaders.map(asFact)} />
        </div>
      );
    default:
      return tab satisfies never;
  }
}

function asFact({ name, value }: Header): readonly [string, string] {
  return [name, value];
}

function Facts({ facts }: { readonly facts: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value], index) => (
        <div key={`${name} ${index}`}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
