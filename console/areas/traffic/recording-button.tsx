import { useEffect, useState } from "preact/hooks";
import { notify, notifyError } from "../../app/toasts.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { explainError } from "../../ui/message.tsx";
import { formatSize } from "./format-size.ts";
import {
  followRecording,
  type RecordedFile,
  type RecordingStatus,
  recordingStatus,
  saveRecording,
  startRecording,
  stopRecording,
} from "./recording.ts";

/** Whether a recording runs, and the way to start, stop and save one. */
export function RecordingButton() {
  const [isOpen, setOpen] = useState(false);
  useEffect(followRecording, []);
  const status = recordingStatus.value;
  if (status === undefined) return null;
  const { recording } = status;
  return (
    <>
      <span class={recording === null ? "" : "is-recording"}>
        <Button icon="record" isPressed={recording !== null} onClick={() => setOpen(true)}>
          {recording === null ? "Record" : `Recording ${formatSize(recording.bytes)}`}
        </Button>
      </span>
      {isOpen && <RecordingDialog status={status} onClose={() => setOpen(false)} />}
    </>
  );
}

function RecordingDialog({
  status,
  onClose,
}: {
  readonly status: RecordingStatus;
  readonly onClose: () => void;
}) {
  return (
    <Dialog title="Recordings" onClose={onClose}>
      <div class="recording">
        <p class="dim">
          A recording holds what passes between the proxy and Octane; <code>octane-proxy replay</code> plays
          Octane from it.
        </p>
        {!status.enabled ? (
          <p>
            Start the proxy with <code>--record-dir DIR</code> to record from here.
          </p>
        ) : status.recording === null ? (
          <StartRecording />
        ) : (
          <RunningRecording recording={status.recording} />
        )}
        {status.files.length > 0 && <RecordedFiles files={status.files} />}
        <div class="dialog-actions">
          <Button onClick={onClose}>Close</Button>
        </div>
      </div>
    </Dialog>
  );
}

function StartRecording() {
  const [name, setName] = useState("");
  const [error, setError] = useState<string>();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        startRecording(name.trim()).catch((cause: unknown) => setError(explainError(cause).message));
      }}
    >
      <Field label="Name, or empty for one made of the time" error={error}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            autocomplete="off"
            maxLength={64}
            value={name}
            onInput={(event) => {
              setName(event.currentTarget.value);
              setError(undefined);
            }}
          />
        )}
      </Field>
      <div>
        <Button type="submit" look="primary" icon="record">
          Start recording
        </Button>
      </div>
    </form>
  );
}

function RunningRecording({ recording }: { readonly recording: NonNullable<RecordingStatus["recording"]> }) {
  const stop = async () => {
    try {
      await stopRecording();
      notify("Recording complete", recording.name);
    } catch (error) {
      notifyError("The recording was not stopped", error);
    }
  };
  return (
    <div class="recording-running">
      <p>
        <strong>{recording.name}</strong>
        <br />
        <span class="dim">
          {recording.calls.toLocaleString("en")} calls, {formatSize(recording.bytes)} so far
        </span>
      </p>
      <Button look="primary" icon="stop" onClick={() => void stop()}>
        Stop recording
      </Button>
    </div>
  );
}

function RecordedFiles({ files }: { readonly files: readonly RecordedFile[] }) {
  return (
    <ul class="recorded-files" aria-label="Finished recordings">
      {files.map((file) => (
        <li key={file.name}>
          <span class="recorded-name" title={file.name}>
            {file.name}
          </span>
          <span class="dim">{formatSize(file.bytes)}</span>
          <Button
            icon="save"
            aria-label={`Save ${file.name}`}
            onClick={() => {
              saveRecording(file).catch((error: unknown) =>
                notifyError("The recording was not saved", error),
              );
            }}
          >
            Save
          </Button>
        </li>
      ))}
    </ul>
  );
}
