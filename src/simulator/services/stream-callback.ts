import type { Generation } from "../../contract/contract.ts";
import type { RenderEngine, RenderImage } from "../render/render-engine.ts";
import type { CallInfo, Fields, ServiceTable } from "./handler.ts";
import type { CallbackKind, RenderCallbacks } from "./render-callbacks.ts";
import type { ImageMessages } from "./render-image-message.ts";
import type { Tonemap } from "./tonemap.ts";

type StreamEvent = "newImage" | "newStatistics" | "renderFailure" | "projectManagerChanged";

/** Misbehaviour of the callback streams, for tests; applies to open streams at once. */
export interface StreamFaults {
  /** Every new image is announced twice, as Octane has been seen to do. */
  duplicateImages: boolean;
  /** Streams stay open and say nothing. */
  isSilent: boolean;
  /** Ends all open streams with OK, as Octane does when its window closes. */
  dropStreams(): void;
}

export interface StreamCallbacks {
  readonly table: ServiceTable;
  readonly faults: StreamFaults;
  /** Streams that are open now. */
  readonly openStreams: number;
  /** Images that a stream was too slow for: each was replaced by a newer one before it could be sent. */
  readonly droppedImages: number;
  /** Another project is open. */
  announceProject(): void;
  announceFailure(): void;
  close(): void;
}

/** What a stream has yet to say: at most one of each kind, and of images the newest. */
interface Mailbox {
  readonly waiting: Set<StreamEvent>;
  image: RenderImage | undefined;
  /** How often the waiting image is to be said. */
  repeats: number;
  wake: () => void;
  isEnded: boolean;
}

export interface StreamCallbackParts {
  readonly generation: Generation;
  readonly engine: RenderEngine;
  readonly callbacks: RenderCallbacks;
  readonly messages: ImageMessages;
  readonly tonemap: Tonemap;
}

/**
 * `StreamCallbackService`: a stream gets the newest image when it opens, then each new one. The server asks for the next
 * event when the last one is written, so a slow reader's images replace each other here instead of queueing.
 */
export function createStreamCallbacks(parts: StreamCallbackParts): StreamCallbacks {
  const { engine, callbacks } = parts;
  const mailboxes = new Set<Mailbox>();
  let droppedImages = 0;

  const post = (mailbox: Mailbox, event: StreamEvent): void => {
    mailbox.waiting.add(event);
    if (!faults.isSilent) mailbox.wake();
  };

  const postImage = (mailbox: Mailbox, image: RenderImage): void => {
    if (mailbox.waiting.has("newImage")) droppedImages++;
    mailbox.image = image;
    mailbox.repeats = faults.duplicateImages ? 2 : 1;
    post(mailbox, "newImage");
  };

  const announce = (event: StreamEvent): void => {
    for (const mailbox of mailboxes) post(mailbox, event);
  };

  const end = (): void => {
    for (const mailbox of mailboxes) {
      mailbox.isEnded = true;
      mailbox.wake();
    }
  };

  let isSilent = false;
  const faults: StreamFaults = {
    duplicateImages: false,
    get isSilent() {
      return isSilent;
    },
    set isSilent(value) {
      isSilent = value;
      if (!value) for (const mailbox of mailboxes) mailbox.wake();
    },
    dropStreams: end,
  };

  const stopImages = engine.onImage((image) => {
    if (callbacks.isWanted("newImage")) for (const mailbox of mailboxes) postImage(mailbox, image);
    if (callbacks.isWanted("newStatistics")) announce("newStatistics");
  });
  const stopStates = engine.onStateChange(() => {
    if (callbacks.isWanted("newStatistics")) announce("newStatistics");
  });

  async function* channel(_request: Fields, _context: unknown, { signal }: CallInfo): AsyncGenerator<Fields> {
    const mailbox: Mailbox = {
      waiting: new Set(),
      image: undefined,
      repeats: 0,
      wake: () => {},
      isEnded: false,
    };
    const onAbort = (): void => mailbox.wake();
    signal.addEventListener("abort", onAbort);
    mailboxes.add(mailbox);
    if (engine.image !== undefined && callbacks.isWanted("newImage")) postImage(mailbox, engine.image);
    try {
      while (!signal.aborted && !mailbox.isEnded) {
        const event = isSilent ? undefined : take(mailbox);
        if (event !== undefined) {
          yield createPayload(parts, event, mailbox.image);
          continue;
        }
        mailbox.image = undefined;
        await new Promise<void>((resolve) => {
          mailbox.wake = resolve;
        });
      }
    } finally {
      mailboxes.delete(mailbox);
      signal.removeEventListener("abort", onAbort);
    }
  }

  return {
    table: {
      service: "octaneapi.StreamCallbackService",
      serverStreaming: { callbackChannel: channel },
    },
    faults,
    get openStreams() {
      return mailboxes.size;
    },
    get droppedImages() {
      return droppedImages;
    },
    announceProject: () => announce("projectManagerChanged"),
    announceFailure() {
      if (callbacks.isWanted("renderFailure")) announce("renderFailure");
    },
    close() {
      stopImages();
      stopStates();
      end();
    },
  };
}

/** What is said first: rare events before images, images before statistics. */
const sendOrder: readonly StreamEvent[] = [
  "projectManagerChanged",
  "renderFailure",
  "newImage",
  "newStatistics",
];

function take(mailbox: Mailbox): StreamEvent | undefined {
  const event = sendOrder.find((candidate) => mailbox.waiting.has(candidate));
  if (event === undefined) return undefined;
  if (event !== "newImage" || --mailbox.repeats <= 0) mailbox.waiting.delete(event);
  return event;
}

/** The oneof `payload`; the generations share its numbers but not its messages. */
function createPayload(
  { generation, engine, callbacks, messages, tonemap }: StreamCallbackParts,
  event: StreamEvent,
  image: RenderImage | undefined,
): Fields {
  const registration =
    event === "projectManagerChanged" ? undefined : callbacks.find(event satisfies CallbackKind);
  const userData = registration?.userData ?? 0n;
  if (generation === "beta2") return { payload: { case: event, value: { userData } } };
  const basic = { callbackSource: registration?.source ?? "", callbackId: registration?.id ?? 0, userData };
  if (event !== "newImage" || image === undefined) return { payload: { case: event, value: basic } };
  const renderImages = { data: tonemap.passes.map(() => messages.create(image, engine, tonemap.imageType)) };
  return { payload: { case: event, value: { ...basic, renderImages } } };
}
