import { useEffect, useState } from "preact/hooks";
import { linkState } from "../../api/health.ts";
import { request } from "../../api/proxy.ts";
import { formatBytes } from "../../quantity/format-quantity.ts";
import { ErrorState, LoadingState } from "../../ui/message.tsx";
import { parseMetrics } from "./prometheus-text.ts";
import { figuresBetween, type ProxyFigures, type Scrape } from "./proxy-figures.ts";
import { Sparkline } from "./sparkline.tsx";

const everyMs = 2_000;
/** Five minutes. */
const capacity = 150;

const rate = (value: number) => (value < 10 ? value.toFixed(1) : value.toFixed(0));

const charts: readonly {
  readonly name: string;
  readonly figure: keyof ProxyFigures;
  readonly format: (value: number) => string;
}[] = [
  { name: "Calls", figure: "callsPerSecond", format: (value) => `${rate(value)} /s` },
  { name: "Failed calls", figure: "errorsPerSecond", format: (value) => `${rate(value)} /s` },
  { name: "Mean call time", figure: "meanCallMs", format: (value) => `${value.toFixed(1)} ms` },
  { name: "Frames delivered", figure: "framesPerSecond", format: (value) => `${rate(value)} /s` },
  { name: "Frames dropped", figure: "droppedPerSecond", format: (value) => `${rate(value)} /s` },
  { name: "Processor", figure: "cpuPercent", format: (value) => `${value.toFixed(0)} %` },
  { name: "Memory", figure: "memoryBytes", format: formatBytes },
  { name: "Event loop delay, p99", figure: "loopDelayMs", format: (value) => `${value.toFixed(1)} ms` },
];

/** The last five minutes of the proxy, from `GET /metrics`. */
export function MetricCharts() {
  const { history, error } = useFigures();
  if (history.length === 0) {
    return error === undefined ? (
      <LoadingState label="Measuring" />
    ) : (
      <ErrorState title="No metrics" error={error} />
    );
  }
  return (
    <ul class="charts">
      {charts.map(({ name, figure, format }) => (
        <li key={figure} class="chart">
          <div class="chart-head">
            <span class="dim">{name}</span>
            <strong>{format(history.at(-1)?.[figure] ?? 0)}</strong>
          </div>
          <Sparkline values={history.map((figures) => figures[figure])} />
        </li>
      ))}
    </ul>
  );
}

function useFigures(): { readonly history: readonly ProxyFigures[]; readonly error: unknown } {
  const [history, setHistory] = useState<readonly ProxyFigures[]>([]);
  const [error, setError] = useState<unknown>(undefined);
  useEffect(() => {
    let last: Scrape | undefined;
    const scrape = async () => {
      if (document.hidden || linkState.peek() === "locked") return;
      try {
        const response = await request("GET", "/metrics");
        const next = { atMs: performance.now(), samples: parseMetrics(await response.text()) };
        if (last !== undefined) {
          const figures = figuresBetween(last, next);
          setHistory((before) => [...before, figures].slice(-capacity));
        }
        last = next;
        setError(undefined);
      } catch (cause) {
        setError(cause);
      }
    };
    void scrape();
    const timer = setInterval(() => void scrape(), everyMs);
    return () => clearInterval(timer);
  }, []);
  return { history, error };
}
