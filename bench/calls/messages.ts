/** One kind of call that is measured, as JSON text that every server answers with the same message. */
export interface Message {
  readonly name: "small" | "medium" | "large" | "bytes";
  readonly path: string;
  readonly body: string;
  /** Sent before the first measurement, so that the server's code is compiled. */
  readonly warmUpCalls: number;
  /** More at once need gigabytes of memory in every server for the largest. */
  readonly maxConnections: number;
}

export const messages: readonly Message[] = [
  {
    name: "small",
    path: "/EchoService/small",
    body: JSON.stringify({
      name: "Render target",
      handle: "1000025",
      kind: "KIND_NODE",
      value: 39.5978,
      visible: true,
    }),
    warmUpCalls: 8_000,
    maxConnections: 64,
  },
  {
    name: "medium",
    path: "/EchoService/medium",
    body: JSON.stringify(
      Object.fromEntries(
        ["camera", "environment", "kernel", "imager", "film"].map((name, index) => [
          name,
          {
            name,
            label: `Settings of the ${name}`,
            handle: String(1_000_025 + index),
            kind: "KIND_GRAPH",
            minimum: 0.001 + index,
            maximum: 1000.5 + index,
            step: 0.125,
            index: index + 1,
            color: 4_294_934_352 - index,
            visible: true,
          },
        ]),
      ),
    ),
    warmUpCalls: 4_000,
    maxConnections: 64,
  },
  {
    name: "large",
    path: "/EchoService/large",
    body: JSON.stringify({
      elements: Array.from({ length: 1_000 }, (_, index) => ({
        handle: String(1_000_000 + index),
        name: `Node ${index + 1}`,
        kind: index % 2 === 0 ? "KIND_NODE" : "KIND_GRAPH",
        position: { x: 0.5 + index, y: 1 / (index + 1), z: -20.6075 },
        visible: true,
      })),
    }),
    warmUpCalls: 200,
    maxConnections: 64,
  },
  {
    name: "bytes",
    path: "/EchoService/blob",
    body: JSON.stringify({ data: picture(8_000_000).toString("base64") }),
    warmUpCalls: 4,
    maxConnections: 16,
  },
];

/** Bytes without zeros or an easy pattern, the same in every run. */
function picture(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0, state = 1; index < length; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[index] = (state >>> 16) | 1;
  }
  return bytes;
}
