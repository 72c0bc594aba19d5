import { useEffect } from "preact/hooks";
import { route, setQuery } from "../../app/route.ts";
import { EmptyState, ErrorState, LoadingState } from "../../ui/message.tsx";
import { SplitPane } from "../../ui/split-pane.tsx";
import { CallPanel } from "./call-panel.tsx";
import { followEpoch, setDraft } from "./calls-state.ts";
import { contract, contractError, followContract, loadContract } from "./contract.ts";
import { countMethods } from "./find-methods.ts";
import { layOut } from "./json-text.ts";
import { findMethod, type Method } from "./method.ts";
import { MethodBrowser } from "./method-browser.tsx";
import "./calls.css";

/** Try any call. `#/calls/ApiItem/name` is a method; `?body=JSON` fills its request in. */
export default function CallsArea() {
  useEffect(followContract, []);
  useEffect(followEpoch, []);
  const known = contract.value;
  if (known === undefined) {
    return contractError.value === undefined ? (
      <LoadingState label="Loading the contract" />
    ) : (
      <ErrorState
        title="The contract did not load"
        error={contractError.value}
        onRetry={() => void loadContract()}
      />
    );
  }
  const [service, name] = route.value.path;
  const method =
    service === undefined || name === undefined ? undefined : findMethod(known.services, service, name);
  return (
    <SplitPane
      name="calls.methods"
      label="Width of the list of methods"
      initialPx={288}
      minPx={200}
      first={<MethodBrowser services={known.services} selected={method} />}
      second={
        method === undefined ? (
          <Nothing wanted={route.value.path.join("/")} count={countMethods(known.services)} />
        ) : (
          <OneCall key={method.id} method={method} />
        )
      }
    />
  );
}

function Nothing({ wanted, count }: { readonly wanted: string; readonly count: number }) {
  return wanted === "" ? (
    <EmptyState title="Choose a method" icon="calls">
      <p>{count.toLocaleString("en")} methods can be called. Search by any part of a name.</p>
    </EmptyState>
  ) : (
    <EmptyState title="There is no such method" icon="warning">
      <p>
        The contract of this proxy has no <code>{wanted}</code>. It may belong to another generation of
        Octane, or to .proto files that are loaded with <code>--proto</code>.
      </p>
    </EmptyState>
  );
}

function OneCall({ method }: { readonly method: Method }) {
  const { body } = route.value.query;
  useEffect(() => {
    if (body === undefined) return;
    setDraft(method, layOut(body));
    // Only a beginning: what is edited from here on is not in the address.
    setQuery({ body: undefined });
  }, [method.id, body]);
  return <CallPanel method={method} />;
}
