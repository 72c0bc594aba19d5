import { formatDuration } from "../../quantity/format-quantity.ts";
import { usePolled } from "./use-polled.ts";

interface CallbackStatus {
  readonly status: {
    readonly state: string;
    readonly viewers: readonly {
      readonly id: string;
      readonly kind: string;
      readonly delivered: number;
      readonly dropped: number;
      readonly opened: number;
    }[];
  };
}

/** Who sees the frames, and what each of them misses. */
export function ViewersCard() {
  const { value, error } = usePolled<CallbackStatus>("/render/callback-status", 2_000);
  const viewers = value?.status.viewers ?? [];
  return (
    <section class="card" aria-label="Viewers">
      <h2>
        Viewers <span class="dim">{value === undefined ? "" : `subscription ${value.status.state}`}</span>
      </h2>
      {viewers.length === 0 ? (
        <p class="dim">
          {value === undefined && error instanceof Error
            ? error.message
            : "Nobody looks at the frames now. The Viewport, or any client of a frame route, would stand here."}
        </p>
      ) : (
        <table class="card-table">
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col">Delivered</th>
              <th scope="col">Dropped</th>
              <th scope="col">Since</th>
            </tr>
          </thead>
          <tbody>
            {viewers.map(({ id, kind, delivered, dropped, opened }) => (
              <tr key={id}>
                <td>{kind}</td>
                <td>{delivered}</td>
                <td>{dropped}</td>
                <td>{formatDuration(Math.max(0, Date.now() / 1000 - opened))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
