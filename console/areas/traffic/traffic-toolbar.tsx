import { useState } from "preact/hooks";
import { getJson } from "../../api/proxy.ts";
import { setQuery } from "../../app/route.ts";
import { notify, notifyError } from "../../app/toasts.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import type { Call } from "./call.ts";
import { filterTerms } from "./call-filter.ts";
import { type Har, selectFromHar } from "./har-selection.ts";
import { clearCalls, isPaused } from "./live-calls.ts";
import { RecordingButton } from "./recording-button.tsx";
import { saveFile } from "./save-file.ts";

export interface TrafficToolbarProps {
  readonly filter: string;
  readonly filterError: string | undefined;
  /** Those that the filter lets through. */
  readonly shown: readonly Call[];
}

export function TrafficToolbar({ filter, filterError, shown }: TrafficToolbarProps) {
  const [isHelpOpen, setHelpOpen] = useState(false);
  return (
    <div class="traffic-toolbar" role="toolbar" aria-label="Traffic">
      <Button
        icon={isPaused.value ? "play" : "pause"}
        onClick={() => {
          isPaused.value = !isPaused.value;
        }}
      >
        {isPaused.value ? "Resume" : "Pause"}
      </Button>
      <Button icon="trash" onClick={clearCalls}>
        Clear
      </Button>
      <div class="traffic-filter">
        <input
          class="input"
          type="search"
          aria-label="Filter calls"
          aria-invalid={filterError !== undefined}
          aria-describedby={filterError === undefined ? undefined : "traffic-filter-error"}
          placeholder="Filter: text, status:error, time:>50, -method:GetCamera"
          autocomplete="off"
          spellcheck={false}
          value={filter}
          onInput={(event) => setQuery({ q: event.currentTarget.value || undefined })}
        />
        <IconButton icon="help" label="What a filter can say" onClick={() => setHelpOpen(true)} />
        {filterError !== undefined && (
          <p id="traffic-filter-error" class="traffic-filter-error" role="alert">
            {filterError}
          </p>
        )}
      </div>
      <RecordingButton />
      <Button icon="save" onClick={() => void exportHar(shown)} disabled={shown.length === 0}>
        HAR
      </Button>
      {isHelpOpen && <FilterHelp onClose={() => setHelpOpen(false)} />}
    </div>
  );
}

function FilterHelp({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="What a filter can say" onClose={onClose}>
      <p class="dim">All terms must hold. Choose one to filter by it.</p>
      <ul class="filter-terms">
        {filterTerms.map(({ term, meaning }) => (
          <li key={term}>
            <button
              type="button"
              class="button mono"
              onClick={() => {
                setQuery({ q: term });
                onClose();
              }}
            >
              {term}
            </button>
            <span>{meaning}</span>
          </li>
        ))}
      </ul>
      <div class="dialog-actions">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

/** The archive has what the proxy keeps: fewer calls than the list may show. */
async function exportHar(shown: readonly Call[]): Promise<void> {
  try {
    const har = selectFromHar(await getJson<Har>("/debug/calls.har"), shown);
    const { length } = har.log.entries;
    saveFile(new Blob([JSON.stringify(har)], { type: "application/json" }), "octane-proxy.har");
    notify(
      `${length.toLocaleString("en")} ${length === 1 ? "call" : "calls"} saved`,
      length < shown.length ? "Older ones are no longer kept by the proxy." : undefined,
    );
  } catch (error) {
    notifyError("The archive was not saved", error);
  }
}
