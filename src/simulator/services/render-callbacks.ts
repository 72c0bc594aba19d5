/** The callbacks of the render engine that a client can register. */
export type CallbackKind =
  | "newImage"
  | "newStatistics"
  | "renderFailure"
  | "tileBlended"
  | "ocioError"
  | "asyncUpdate";

/** What a client gave when it registered; it comes back with each event. */
export interface Registration {
  readonly source: string;
  readonly id: number;
  readonly userData: bigint;
}

/** `callback` and `userData` of the `setOn…Callback` requests. */
export type RegistrationRequest = {
  readonly callback?: { readonly callbackSource: string; readonly callbackId: number } | undefined;
  readonly userData: bigint;
};

/** The registered callbacks: one per kind, as in Octane, where registering anew replaces the one before. */
export interface RenderCallbacks {
  /** An unset callback unregisters. Returns the new registration's number, 0 for none. */
  register(kind: CallbackKind, request: RegistrationRequest): number;
  find(kind: CallbackKind): Registration | undefined;
  /**
   * Whether streams carry events of the kind. Images and failures flow from the start, because the example of Octane's
   * SDK opens the stream without registering anything and waits for images; they stop when somebody unregisters.
   * Statistics, which only tell that there is something to ask for, flow once registered.
   */
  isWanted(kind: CallbackKind): boolean;
}

const wantedFromStart: ReadonlySet<CallbackKind> = new Set<CallbackKind>(["newImage", "renderFailure"]);

export function createRenderCallbacks(): RenderCallbacks {
  const registrations = new Map<CallbackKind, Registration>();
  const wanted = new Set<CallbackKind>(wantedFromStart);
  let lastNumber = 0;
  return {
    register(kind, { callback, userData }) {
      if (callback === undefined) {
        registrations.delete(kind);
        wanted.delete(kind);
        return 0;
      }
      registrations.set(kind, { source: callback.callbackSource, id: callback.callbackId, userData });
      wanted.add(kind);
      return ++lastNumber;
    },
    find: (kind) => registrations.get(kind),
    isWanted: (kind) => wanted.has(kind),
  };
}
