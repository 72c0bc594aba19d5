import { ContractCard } from "./contract-card.tsx";
import { LogTail } from "./log-tail.tsx";
import { MetricCharts } from "./metric-charts.tsx";
import { OctaneCard } from "./octane-card.tsx";
import { ViewersCard } from "./viewers-card.tsx";
import "./status.css";

export default function StatusArea() {
  return (
    <div class="status">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard */}
      <section class="status-cards" tabIndex={0} aria-label="State">
        <div class="status-row">
          <OctaneCard />
          <ContractCard />
          <ViewersCard />
        </div>
        <section class="card" aria-label="Figures">
          <h2>
            Figures <span class="dim">last five minutes</span>
          </h2>
          <MetricCharts />
        </section>
      </section>
      <LogTail />
    </div>
  );
}
