import { useEffect, useState } from "preact/hooks";
import { keepReading } from "../../api/keep-reading.ts";
import { getJson, sendJson } from "../../api/proxy.ts";
import { notifyError } from "../../app/toasts.tsx";
import { EmptyState, ErrorState, LoadingState } from "../../ui/message.tsx";
import { Select } from "../../ui/select.tsx";
import { VirtualList } from "../../ui/virtual-list.tsx";
import { type LogLine, logLevels, parseLogLine } from "./log-line.ts";

const most = 1_000;
const rowHeightPx = 20;

/** The proxy's log as it is written, and how much of it is. */
export function LogTail() {
  const { lines, error, isReading } = useLog();
  return (
    <section class="panel log" aria-label="Log">
      <div class="panel-header">
        <h2>Log</h2>
        <LogLevel isKnown={error === undefined} />
      </div>
      <div class="panel-body">{content()}</div>
    </section>
  );

  function content() {
    if (isNoLog(error)) {
      return (
        <EmptyState title="The log is not the proxy's own">
          <p>This proxy runs inside another program, which keeps the log.</p>
        </EmptyState>
      );
    }
    if (error !== undefined) return <ErrorState title="The log cannot be read" error={error} />;
    if (lines.length === 0) {
      return isReading ? <EmptyState title="Nothing logged yet" /> : <LoadingState label="Loading the log" />;
    }
    return (
      <VirtualList
        role="log"
        aria-label="Lines of the log"
        tabIndex={0}
        count={lines.length}
        rowHeightPx={rowHeightPx}
        followsEnd
        keyOf={(index) => lines[index]?.number ?? index}
        renderRow={(index) => <Line line={lines[index]} />}
      />
    );
  }
}

function Line({ line }: { readonly line: LogLine | undefined }) {
  if (line === undefined) return null;
  const { level, time, area, text, details } = line;
  return (
    <div class={`log-line is-${level}`}>
      <span class="dim">{time}</span> <span class="log-level">{level}</span>{" "}
      <span class="log-area">{area}</span> {text} <span class="dim">{details}</span>
    </div>
  );
}

function useLog(): {
  readonly lines: readonly LogLine[];
  readonly error: unknown;
  readonly isReading: boolean;
} {
  const [lines, setLines] = useState<readonly LogLine[]>([]);
  const [error, setError] = useState<unknown>(undefined);
  const [isReading, setReading] = useState(false);
  useEffect(() => {
    let count = 0;
    let waiting: LogLine[] = [];
    let frameRequest = 0;
    // Lines come in bursts; the screen takes them once a picture.
    const show = () => {
      frameRequest = 0;
      const fresh = waiting;
      waiting = [];
      setLines((before) => [...before, ...fresh].slice(-most));
    };
    const stop = keepReading(`/debug/log?lines=${most}`, {
      onConnected(isConnected) {
        setReading(isConnected);
        // The tail is sent again with each connection.
        if (isConnected) setLines([]);
      },
      onRefused: setError,
      onEvent({ data }) {
        waiting.push(parseLogLine(data, ++count));
        if (waiting.length > most) waiting.shift();
        if (frameRequest === 0) frameRequest = requestAnimationFrame(show);
      },
    });
    return () => {
      stop();
      cancelAnimationFrame(frameRequest);
    };
  }, []);
  return { lines, error, isReading };
}

/** Changes what is logged, for all who read the log, until the proxy ends. */
function LogLevel({ isKnown }: { readonly isKnown: boolean }) {
  const [level, setLevel] = useState<string | undefined>(undefined);
  useEffect(() => {
    getJson<{ readonly level: string }>("/debug/log-level").then(
      (reply) => setLevel(reply.level),
      // The log itself tells why.
      () => setLevel(undefined),
    );
  }, []);
  async function change(wanted: string): Promise<void> {
    try {
      const reply = await sendJson<{ readonly level: string }>("PUT", "/debug/log-level", { level: wanted });
      setLevel(reply.level);
    } catch (error) {
      notifyError("The log level was not changed", error);
    }
  }
  if (level === undefined || !isKnown) return null;
  const names = [...logLevels, "silent"];
  const choices = names.includes(level) ? names : [level, ...names];
  return (
    <div class="log-level-choice">
      <span class="dim" aria-hidden="true">
        Level
      </span>
      <Select
        label="Log level"
        value={level}
        choices={choices.map((value) => ({ value, label: value }))}
        onChange={(wanted) => void change(wanted)}
      />
    </div>
  );
}

function isNoLog(error: unknown): boolean {
  return (error as { readonly status?: number } | undefined)?.status === 404;
}
