import { computed, effect, signal } from "@preact/signals";
import { client, getJson, needsToken, token } from "./proxy.ts";

/** `GET /health`, see docs/http-api.md. */
export interface Health {
  readonly connected: boolean;
  /** Of this Octane, among those that the proxy stands before. */
  readonly name: string;
  readonly octane: string;
  readonly state: "connecting" | "ready" | "unavailable";
  readonly generation: string | null;
  readonly epoch: string | null;
  readonly simulator: boolean;
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly error?: string;
  readonly octanes: readonly OctaneEntry[];
}

/** One of the Octanes behind the proxy, see docs/octanes.md. */
export interface OctaneEntry {
  readonly name: string;
  readonly path: string;
  readonly address: string;
  readonly connected: boolean;
  readonly generation: string | null;
}

export type LinkState =
  /** Nothing is known yet. */
  | "loading"
  /** The proxy does not answer. */
  | "no-proxy"
  /** The proxy wants a token. */
  | "locked"
  /** The proxy answers, Octane does not. */
  | "no-octane"
  | "ready";

/** The newest; kept while the proxy is away. */
export const health = signal<Health | undefined>(undefined);

const isProxyAway = signal(false);

export const linkState = computed<LinkState>(() => {
  if (needsToken.value) return "locked";
  if (isProxyAway.value) return "no-proxy";
  if (health.value === undefined) return "loading";
  return health.value.connected ? "ready" : "no-octane";
});

/** Of Octane's handles: what was read under another epoch is to be read again. Undefined while Octane is away. */
export const epoch = computed(() => (health.value?.connected ? (health.value.epoch ?? "") : undefined));

/** What Octane calls itself. */
export const octaneName = signal<string | undefined>(undefined);

/** Whether a simulator plays Octane, also one that runs elsewhere. */
export const isSimulator = computed(
  () => health.value?.simulator === true || /simulat/i.test(octaneName.value ?? ""),
);

const pollMs = 1_000;

/** Asks for the state now and every second, for as long as the page lives. */
export function startHealth(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    token.value;
    void ask();
  });

  effect(() => {
    if (epoch.value !== undefined) void askName();
  });

  async function ask(): Promise<void> {
    clearTimeout(timer);
    try {
      health.value = await getJson<Health>("/health", { timeoutMs: 5_000 });
      isProxyAway.value = false;
    } catch (error) {
      // Any reply at all comes from a proxy that is there.
      isProxyAway.value = (error as { readonly status?: number }).status === undefined;
    }
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), pollMs);
  }
}

async function askName(): Promise<void> {
  try {
    const { result } = (await client.value.call("ApiInfo", "octaneName")) as { readonly result?: string };
    octaneName.value = result;
  } catch {
    // Not every server behind the proxy is Octane, and a policy may deny the call: the name is only an addition.
    octaneName.value = undefined;
  }
}
