import { formatPlace } from "../../app/place.ts";
import { usePolled } from "./use-polled.ts";

interface Contract {
  readonly generation: string;
  readonly services: readonly { readonly source: string; readonly methods: readonly unknown[] }[];
  readonly leftOut: readonly { readonly file: string; readonly line?: number; readonly reason: string }[];
}

const mostLeftOut = 50;

/** What can be called, and where that was loaded from. */
export function ContractCard() {
  const { value, error } = usePolled<Contract>("/contract", 30_000);
  return (
    <section class="card" aria-label="Contract">
      <h2>
        Contract <a href={formatPlace({ area: "calls" })}>call a method</a>
      </h2>
      {value === undefined ? (
        <p class="dim">{error instanceof Error ? error.message : "Loading"}</p>
      ) : (
        <>
          <table class="card-table">
            <thead>
              <tr>
                <th scope="col">Source</th>
                <th scope="col">Services</th>
                <th scope="col">Methods</th>
              </tr>
            </thead>
            <tbody>
              {[...countSources(value)].map(([source, { services, methods }]) => (
                <tr key={source}>
                  <td>{source}</td>
                  <td>{services}</td>
                  <td>{methods}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {value.leftOut.length > 0 && (
            <details>
              <summary>{value.leftOut.length} left out</summary>
              <ul class="card-list">
                {value.leftOut.slice(0, mostLeftOut).map(({ file, line, reason }) => (
                  <li key={`${file}:${line} ${reason}`}>
                    <code>
                      {file}
                      {line !== undefined && `:${line}`}
                    </code>{" "}
                    {reason}
                  </li>
                ))}
              </ul>
            </details>
          )}
        </>
      )}
    </section>
  );
}

function countSources({ services }: Contract): ReadonlyMap<string, { services: number; methods: number }> {
  const sources = new Map<string, { services: number; methods: number }>();
  for (const { source, methods } of services) {
    const counted = sources.get(source) ?? { services: 0, methods: 0 };
    sources.set(source, { services: counted.services + 1, methods: counted.methods + methods.length });
  }
  return sources;
}
