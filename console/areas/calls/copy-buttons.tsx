import { proxyUrl, token } from "../../api/proxy.ts";
import { notify, notifyError } from "../../app/toasts.tsx";
import { Button } from "../../ui/button.tsx";
import type { Method } from "./method.ts";
import { createSnippet, hasSnippet, type SnippetKind, snippetKinds } from "./snippets.ts";

const labels: Record<SnippetKind, string> = { curl: "curl", fetch: "fetch", client: "client" };
const names: Record<SnippetKind, string> = {
  curl: "curl",
  fetch: "JavaScript with fetch",
  client: "JavaScript with octane-proxy/client",
};

/** Copies the request for use elsewhere; the token never goes along. */
export function CopyButtons({ method, body }: { readonly method: Method; readonly body: string }) {
  async function copy(kind: SnippetKind): Promise<void> {
    const needsToken = token.peek() !== undefined;
    try {
      await navigator.clipboard.writeText(createSnippet(kind, { proxyUrl, method, body, needsToken }));
      notify(
        `Copied as ${names[kind]}`,
        needsToken ? "It takes the token from the environment variable OCTANE_PROXY_TOKEN." : undefined,
      );
    } catch (error) {
      notifyError("Nothing was copied", error);
    }
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls of a form
    <div class="calls-copy" role="group" aria-label="Copy as">
      {snippetKinds
        .filter((kind) => hasSnippet(kind, method))
        .map((kind) => (
          <Button
            key={kind}
            {...(kind === "curl" && { icon: "copy" as const })}
            aria-label={`Copy as ${names[kind]}`}
            title={`Copy as ${names[kind]}`}
            onClick={() => void copy(kind)}
          >
            {labels[kind]}
          </Button>
        ))}
    </div>
  );
}
