import { useEffect, useId, useMemo, useState } from "preact/hooks";
import { formatPlace } from "../../app/place.ts";
import { navigate } from "../../app/route.ts";
import { Tabs } from "../../ui/tabs.tsx";
import { Tree, type TreeRow } from "../../ui/tree.tsx";
import { countMethods, findMethods } from "./find-methods.ts";
import { HistoryList } from "./history-list.tsx";
import type { Method, Service } from "./method.ts";

const tabs = [
  { name: "methods", label: "Methods" },
  { name: "history", label: "History" },
];

/** Everything that can be called, and what was. */
export function MethodBrowser({
  services,
  selected,
}: {
  readonly services: readonly Service[];
  readonly selected: Method | undefined;
}) {
  const [tab, setTab] = useState("methods");
  return (
    <Tabs label="Find a call" tabs={tabs} selected={tab} onSelect={setTab}>
      {tab === "methods" ? <MethodTree services={services} selected={selected} /> : <HistoryList />}
    </Tabs>
  );
}

interface Row extends TreeRow {
  readonly method: Method | undefined;
  readonly count: number;
}

function MethodTree({
  services,
  selected,
}: {
  readonly services: readonly Service[];
  readonly selected: Method | undefined;
}) {
  const [query, setQuery] = useState("");
  const [active, setActive] = useState<string | undefined>(undefined);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set(selected ? [selected.service] : []));
  const inputId = useId();
  const found = useMemo(() => findMethods(services, query), [services, query]);
  const isSearching = query.trim() !== "";
  const rows = useMemo(
    () => createRows(found, (name) => isSearching !== open.has(name)),
    [found, isSearching, open],
  );
  const count = countMethods(found);
  useEffect(() => {
    // Also when the address led there: Back, the history, a link.
    setActive(undefined);
    if (selected !== undefined && !isSearching) setOpen((before) => new Set([...before, selected.service]));
  }, [selected?.id]);

  function toggle({ id }: Row): void {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  }

  function select(row: Row): void {
    setActive(row.id);
    if (row.method !== undefined) navigate({ area: "calls", path: [row.method.service, row.method.name] });
  }

  return (
    <div class="calls-browser">
      <div class="calls-search">
        <label class="visually-hidden" for={inputId}>
          Search methods
        </label>
        <input
          id={inputId}
          class="input"
          type="search"
          placeholder="Search methods"
          autocomplete="off"
          spellcheck={false}
          value={query}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            // While searching all branches are open until they are closed.
            setOpen(new Set(event.currentTarget.value === "" && selected ? [selected.service] : []));
          }}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            const first = found[0]?.methods[0];
            if (first !== undefined) navigate({ area: "calls", path: [first.service, first.name] });
          }}
        />
        <span class="dim" role="status">
          {count.toLocaleString("en")}
          <span class="visually-hidden"> methods</span>
        </span>
      </div>
      {count === 0 ? (
        <p class="calls-none dim">No method has “{query.trim()}” in its name.</p>
      ) : (
        <Tree
          label="Methods"
          rows={rows}
          rowHeightPx={rowHeightPx()}
          selectedId={active ?? selected?.id}
          onSelect={select}
          onToggle={toggle}
          renderRow={(row) => <MethodRow row={row} onToggle={() => toggle(row)} />}
        />
      )}
    </div>
  );
}

function MethodRow({
  row: { method, label, count },
  onToggle,
}: {
  readonly row: Row;
  readonly onToggle: () => void;
}) {
  if (method === undefined) {
    return (
      <>
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: the arrow keys open and close */}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: as above */}
        <span class="calls-service" onClick={onToggle}>
          {label}
        </span>
        <span class="dim">{count}</span>
      </>
    );
  }
  return (
    <a
      class="calls-method"
      href={formatPlace({ area: "calls", path: [method.service, method.name] })}
      tabIndex={-1}
      title={`${method.fullServiceName}/${method.name}`}
    >
      {label}
      {method.kind !== "unary" && <span class="calls-kind">stream</span>}
    </a>
  );
}

function createRows(services: readonly Service[], isOpen: (name: string) => boolean): readonly Row[] {
  return services.flatMap((service, index) => {
    const isServiceOpen = isOpen(service.name);
    const head: Row = {
      id: service.name,
      level: 1,
      label: service.name,
      isOpen: isServiceOpen,
      position: index + 1,
      siblings: services.length,
      method: undefined,
      count: service.methods.length,
    };
    if (!isServiceOpen) return [head];
    const methods = service.methods.map((method, at) => ({
      id: method.id,
      level: 2,
      label: method.name,
      isOpen: undefined,
      position: at + 1,
      siblings: service.methods.length,
      method,
      count: 0,
    }));
    return [head, ...methods];
  });
}

/** Fingers need more room than a mouse, as in style/tokens.css. */
function rowHeightPx(): number {
  return matchMedia("(pointer: coarse)").matches ? 36 : 24;
}
