import { useMemo } from "preact/hooks";
import { notify, notifyError } from "../../app/toasts.tsx";
import { Button } from "../../ui/button.tsx";
import type { KeptBody } from "./call.ts";
import { formatSize } from "./format-size.ts";
import { layOutJson, type Token } from "./json-layout.ts";

/** More would take the browser longer to draw than anybody reads. */
const mostColoured = 6_000;

/** A body as it was sent, JSON over lines. */
export function BodyView({
  body,
  label,
  bytes,
}: {
  readonly body: KeptBody | null;
  /** Such as "Reply". */
  readonly label: string;
  /** That were sent. */
  readonly bytes: number;
}) {
  const tokens = useMemo(() => (body?.encoding === "utf8" ? layOutJson(body.text) : undefined), [body]);
  if (body === null || (body.keptBytes === 0 && body.size > 0)) {
    return (
      <p class="detail-note dim">
        {bytes === 0 ? "Nothing was sent." : `${formatSize(bytes)}, which the proxy has not kept.`}
      </p>
    );
  }
  if (body.size === 0) return <p class="detail-note dim">Nothing was sent.</p>;
  return (
    <>
      <div class="body-bar">
        <span class="dim">{describe(body)}</span>
        <Button look="plain" icon="copy" onClick={() => void copy(body.text, label)}>
          Copy
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard */}
      <section class="body-text" tabIndex={0} aria-label={`${label} body`}>
        <pre>{tokens === undefined ? body.text : <Tokens tokens={tokens} />}</pre>
      </section>
    </>
  );
}

function Tokens({ tokens }: { readonly tokens: readonly Token[] }) {
  if (tokens.length > mostColoured) return <>{tokens.map(({ text }) => text).join("")}</>;
  return (
    <>
      {tokens.map(({ kind, text }) =>
        kind === "plain" ? text : <span class={`token is-${kind}`}>{text}</span>,
      )}
    </>
  );
}

function describe({ size, keptBytes, encoding, isRedacted }: KeptBody): string {
  return [
    formatSize(size),
    ...(encoding === "base64" ? ["shown as base64"] : []),
    ...(keptBytes < size ? [`cut: the first ${formatSize(keptBytes)} were kept`] : []),
    ...(isRedacted ? ["secrets are hidden"] : []),
  ].join(" · ");
}

async function copy(text: string, label: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify(`${label} copied`);
  } catch (error) {
    notifyError(`${label} not copied`, error);
  }
}
