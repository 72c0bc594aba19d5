import {
  anyObject,
  binary,
  eventStream,
  flag,
  json,
  object,
  type ProxyRoute,
  query,
  text,
} from "./proxy-route.ts";

const width = query(
  "width",
  { type: "integer", minimum: 1, maximum: 16384 },
  "Scale down to so many pixels.",
);
const quality = query("quality", { type: "integer", minimum: 1, maximum: 100 }, "Of JPEG and WebP; 80.");
const fps = query("fps", { type: "number", minimum: 0.1, maximum: 240 }, "Frames per second, at most.");
const pass = query("pass", text, "A render pass, by number or name.");
const minSamples = query("minSamples", { type: "number", minimum: 0 }, "Only frames of this quality.");
const timeout = query(
  "timeout",
  text,
  "How long to wait: `30s`, `500ms` or milliseconds. Default: the header X-Timeout-Ms, else 30 s.",
);
const viewing = [width, fps, pass, minSamples];
const socketViewing = [
  ...viewing,
  quality,
  query("format", { enum: ["auto", "raw", "png", "jpeg", "webp"] }, "Of the frames."),
  query("lossless", flag, "With `auto`: frames at rest are PNG."),
  query("inFlight", { type: "integer", minimum: 0, maximum: 16 }, "Frames on the way unacknowledged; 2."),
];

const stills = [
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["webp", "image/webp"],
] as const;

/** Frames, events, and what viewers need for them. */
export const framesRoutes: readonly ProxyRoute[] = [
  ...stills.map(
    ([extension, type]): ProxyRoute => ({
      path: `/render/frame.${extension}`,
      method: "get",
      tag: "frames",
      summary: "The newest frame, or the first that is good enough",
      parameters: [width, quality, pass, minSamples, timeout],
      reply: binary(type),
    }),
  ),
  {
    path: "/render/stream.mjpeg",
    method: "get",
    tag: "frames",
    summary: "Images without end, for an <img>",
    parameters: [...viewing, quality, query("format", { enum: ["jpeg", "png", "webp"] }, "Of the images.")],
    reply: binary("multipart/x-mixed-replace"),
  },
  {
    path: "/render/ws",
    method: "get",
    tag: "frames",
    summary: "Binary frames over a WebSocket, with acknowledgement, options and camera",
    parameters: socketViewing,
    status: 101,
    reply: {},
  },
  {
    path: "/render/stream",
    method: "get",
    tag: "frames",
    summary: "Frames and events of Octane as Server-Sent Events with JSON",
    parameters: viewing,
    reply: eventStream,
  },
  {
    path: "/api/callbacks",
    method: "get",
    tag: "frames",
    summary: "Frames and events of Octane over a WebSocket, as JSON",
    status: 101,
    reply: {},
  },
  {
    path: "/render/register-callback",
    method: "post",
    tag: "frames",
    summary: "Starts the subscription to Octane and tells its state",
    reply: json(
      object({ success: flag, message: text, callback_id: {}, status: anyObject }, ["success", "status"]),
    ),
  },
  {
    path: "/render/callback-status",
    method: "get",
    tag: "frames",
    summary: "Counters of the subscription and of every viewer; options of /render/ws are checked",
    parameters: socketViewing,
    reply: json(object({ success: flag, status: anyObject }, ["success", "status"])),
  },
  {
    path: "/render/ping-client",
    method: "post",
    tag: "frames",
    summary: "Says that a viewer is there",
    body: object({ client_id: text }, ["client_id"]),
    reply: json(object({ success: flag, message: text }, ["success"])),
  },
  {
    path: "/ticket",
    method: "post",
    tag: "frames",
    summary: "A ticket that opens one viewer route in place of the token, as ?ticket=",
    body: object({ route: text }, ["route"]),
    reply: json(
      object({ ticket: text, expiresInSeconds: { type: "integer" } }, ["ticket", "expiresInSeconds"]),
    ),
  },
];
