/** What the parts of the benchmark tell each other over IPC. Times are ms since 1970, from one machine's clock. */

export const streamKinds = ["sse", "callbacks", "raw", "jpeg", "mjpeg"] as const;

/** `raw` and `jpeg` are formats of `/render/ws`, `callbacks` is `/api/callbacks`. */
export type StreamKind = (typeof streamKinds)[number];

export interface Usage {
  /** CPU time of the whole process since it began. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** The most since the process began. */
  readonly maxRssBytes: number;
  /** Of the JavaScript heap, after a collection where node was started with `--expose-gc`. */
  readonly heapBytes: number;
  /** Sockets, timers and whatever else keeps a process alive. */
  readonly resources: number;
}

/** Answers carry the number of the request. */
export interface Request<T> {
  readonly id: number;
  readonly body: T;
}

export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** What the source says when it is ready. */
export interface SourceReady {
  readonly address: string;
  readonly listeningAtMs: number;
}

export type SourceRequest =
  | { readonly type: "usage" }
  | { readonly type: "pause" | "resume" }
  /** Makes so many images per second from now on. */
  | { readonly type: "fps"; readonly fps: number }
  /** When each image since the last asking was made: `[sequence, atMs]`. */
  | { readonly type: "made" };

export type ProxyRequest =
  | { readonly type: "usage" }
  /** The resident memory alone, which costs the process next to nothing to tell. */
  | { readonly type: "rss" };

export type ViewerRequest =
  | {
      readonly type: "open";
      readonly url: string;
      readonly kind: StreamKind;
      readonly count: number;
    }
  /** Asks for the stream and reads nothing of it until `release`. */
  | { readonly type: "stall"; readonly url: string; readonly kind: StreamKind }
  | { readonly type: "release" }
  | { readonly type: "usage" }
  /** Forgets the arrivals so far. */
  | { readonly type: "begin" }
  | { readonly type: "report" }
  | { readonly type: "close" };

export interface ViewerReport {
  /** As the proxy named it; undefined where the stream does not tell. */
  readonly clientId: string | undefined;
  /** Frames since the viewer was opened. */
  readonly received: number;
  /** Frames whose size, header or CRC-32 was wrong. */
  readonly broken: number;
  /** Frames that were not newer than the one before. */
  readonly backwards: number;
  /** `[sequence, atMs]` since `begin`. */
  readonly arrivals: readonly (readonly [number, number])[];
  readonly bytes: number;
}
