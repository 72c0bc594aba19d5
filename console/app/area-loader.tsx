import type { ComponentType } from "preact";
import { Component } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ErrorState, LoadingState } from "../ui/message.tsx";
import type { AreaName } from "./place.ts";

/** Each area is a chunk of its own, loaded when it is first opened. */
const loaders: Record<AreaName, () => Promise<{ readonly default: ComponentType }>> = {
  viewport: () => import("../areas/viewport/viewport-area.tsx"),
  scene: () => import("../areas/scene/scene-area.tsx"),
  calls: () => import("../areas/calls/calls-area.tsx"),
  traffic: () => import("../areas/traffic/traffic-area.tsx"),
  status: () => import("../areas/status/status-area.tsx"),
};

const loaded = new Map<AreaName, ComponentType>();

type Loading = { readonly area: AreaName; readonly error?: unknown };

/** The area, or that it is on its way, or why it does not come. */
export function Area({ name }: { readonly name: AreaName }) {
  const [{ area, error }, setLoading] = useState<Loading>({ area: name });
  const View = loaded.get(name);
  const load = () => {
    setLoading({ area: name });
    loaders[name]().then(
      (module) => {
        loaded.set(name, module.default);
        setLoading({ area: name });
      },
      (cause: unknown) => setLoading({ area: name, error: cause }),
    );
  };
  useEffect(() => {
    if (!loaded.has(name)) load();
  }, [name]);
  if (View !== undefined) {
    return (
      <Catch key={name}>
        <View />
      </Catch>
    );
  }
  if (error !== undefined && area === name) {
    return <ErrorState title="This part of the console did not load" error={error} onRetry={load} />;
  }
  return <LoadingState label="Loading" />;
}

/** A fault of one area leaves the others usable. */
class Catch extends Component<object, { error?: unknown }> {
  override state: { error?: unknown } = {};

  static override getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return (
      <ErrorState
        title="This part of the console failed"
        error={this.state.error}
        onRetry={() => this.setState({ error: undefined })}
      />
    );
  }
}
