import { signal } from "@preact/signals";
import { OctaneError } from "../../../src/client/client.ts";
import { getJson, request, sendJson } from "../../api/proxy.ts";
import { saveFile } from "./save-file.ts";

/** `GET /debug/recording`, see docs/recording.md. */
export interface RecordingStatus {
  /** Whether the proxy was started with a folder for recordings. */
  readonly enabled: boolean;
  readonly recording: {
    readonly name: string;
    readonly startedAt: string;
    readonly calls: number;
    readonly bytes: number;
  } | null;
  readonly maxBytes: number;
  readonly files: readonly RecordedFile[];
}

export interface RecordedFile {
  readonly name: string;
  readonly bytes: number;
  readonly endedAt: string;
}

/** Undefined until it was asked for, and where the proxy cannot tell. */
export const recordingStatus = signal<RecordingStatus | undefined>(undefined);

const pollMs = 2_000;

/** Asks again and again until the returned function is called: others may start and stop recordings too. */
export function followRecording(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stopping = new AbortController();
  void ask();
  return () => {
    stopping.abort();
    clearTimeout(timer);
  };

  async function ask(): Promise<void> {
    try {
      const { signal } = stopping;
      const status = await getJson<RecordingStatus>("/debug/recording", { signal });
      if (!signal.aborted) recordingStatus.value = status;
    } catch (error) {
      // What it was stays while the proxy is away; the header says that it is.
      if (error instanceof OctaneError && error.status !== undefined) recordingStatus.value = undefined;
    }
    if (!stopping.signal.aborted) timer = setTimeout(() => void ask(), pollMs);
  }
}

/** @throws OctaneError */
export async function startRecording(name: string): Promise<void> {
  const order = name === "" ? { action: "start" } : { action: "start", name };
  recordingStatus.value = await sendJson<RecordingStatus>("POST", "/debug/recording", order);
}

/** @throws OctaneError */
export async function stopRecording(): Promise<void> {
  recordingStatus.value = await sendJson<RecordingStatus>("POST", "/debug/recording", { action: "stop" });
}

/** @throws OctaneError */
export async function saveRecording({ name }: RecordedFile): Promise<void> {
  const response = await request("GET", `/debug/recording/${encodeURIComponent(name)}`);
  saveFile(await response.blob(), `${name}.rec`);
}
