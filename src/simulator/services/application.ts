import type { Reply, ServiceTable, SimulatorContext } from "./handler.ts";
import { objectRef } from "./object-refs.ts";
import type { OnObject, Ref } from "./request.ts";
import { evaluateAll } from "./root-graph.ts";
import { Status } from "./status.ts";

/**
 * Observers get a number and no more: neither generation's callback channel has a message for changes of items,
 * of time or of the selection.
 */
export const changeService: ServiceTable = {
  service: "octaneapi.ApiChangeManagerService",
  unary: {
    update(_, context) {
      evaluateAll(context);
      return {};
    },
    observeApiItem({ item }: { readonly item: Ref }, context) {
      context.scene.item(item);
      return { callbackId: context.nextCallbackId() };
    },
    stopObserving({ item }: { readonly item: Ref }, { scene }) {
      scene.item(item);
      return {};
    },
    stopObserving1: () => ({}),
    stopObserving2: () => ({}),
    addTimeObserver: (_, context) => ({ callbackId: context.nextCallbackId() }),
    removeTimeObserver: () => ({}),
    stopObservingTime: () => ({}),
  },
};

/** `closeOctane` is refused: a client must not be able to end the simulator of another. */
export const controlService: ServiceTable = {
  service: "octaneapi.ApiControlService",
  unary: {
    startBlockingOperation: () => ({ success: true }),
    // The simulator writes no file for a client.
    setApiLogFilePath: () => ({ success: false }),
    getWebRTCStatus: () => ({ running: false, signalServerAddress: "", ourId: "" }),
    closeOctane() {
      throw new Status("PERMISSION_DENIED", "the simulator is stopped where it was started, not by a call");
    },
  },
};

export const outlinerService: ServiceTable = {
  service: "octaneapi.ApiSceneOutlinerService",
  unary: {
    create(_, context) {
      const handle = context.handles.add("ApiSceneOutliner", { created: true });
      return { result: objectRef(context, "ApiSceneOutliner", handle) };
    },
    destroy({ objectPtr }: OnObject, { handles }) {
      handles.get("ApiSceneOutliner", objectPtr);
      handles.delete(objectPtr?.handle ?? 0n);
      return {};
    },
  },
};

const maxLoggedText = 1000;

/** What clients log goes to the simulator's own log. */
export const logService: ServiceTable = {
  service: "octaneapi.ApiLogManagerService",
  unary: {
    log: ({ text }: { readonly text: string }, context) => log(context, "info", text),
    logFmt: ({ fmt }: { readonly fmt: string }, context) => log(context, "info", fmt),
    __logFmtPrefix: ({ prefix, fmt }: { readonly prefix: string; readonly fmt: string }, context) =>
      log(context, "info", `${prefix}${fmt}`),
    logError: ({ errorMsg }: { readonly errorMsg: string }, context) => log(context, "warn", errorMsg),
    logErrorFmt: ({ fmt }: { readonly fmt: string }, context) => log(context, "warn", fmt),
    openOctaneLogWindow: () => ({}),
    isFlagRegistered: () => ({ result: false }),
    setFlag: () => ({ result: 0 }),
    registerLogCallbackProc: (_, context) => ({ result: true, callbackId: context.nextCallbackId() }),
    unregisterLogCallbackProc: () => ({ result: true, callbackId: 0 }),
  },
};

/** The render cloud of somebody who is not subscribed. */
export const cloudService: ServiceTable = {
  service: "octaneapi.ApiRenderCloudManagerService",
  unary: {
    userSubscriptionInfo: () => ({
      result: true,
      subscriptionInfo: { subscribed: false, availableCreditBalance: 0, availableRndrBalance: 0 },
    }),
    newRenderTask: () => ({ result: false }),
    uploadCurrentProject() {
      throw new Status("FAILED_PRECONDITION", "the simulator has no render cloud, nothing was uploaded");
    },
  },
};

function log({ logger }: SimulatorContext, level: "info" | "warn", text: string): Reply {
  logger[level]("client of the simulator says", { text: text.slice(0, maxLoggedText) });
  return {};
}
