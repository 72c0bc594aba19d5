import { type Metadata, ProxyError } from "../errors.ts";
import type { Upstream, UpstreamStream } from "../upstream/upstream.ts";
import { type CallTrace, type TracedCall, traceCall } from "./call-trace.ts";
import type { RecordingFile } from "./recording-file.ts";

/**
 * The same upstream, whose calls are written to the recording that runs, if one does. What passes is neither delayed
 * nor changed.
 */
export function recordUpstream(upstream: Upstream, current: () => RecordingFile | undefined): Upstream {
  const traceOf = (path: string, isUnary: boolean, metadata: Metadata | undefined): CallTrace => {
    const call: TracedCall = { path, isUnary, metadata };
    const trace = traceCall(call, current);
    trace.begin();
    return trace;
  };
  const stopListening = upstream.onStateChange((state) => {
    const file = current();
    file?.write({ kind: "state", atMs: file.nowMs, state, address: upstream.address });
  });
  return {
    get address() {
      return upstream.address;
    },
    get state() {
      return upstream.state;
    },
    get lastError() {
      return upstream.lastError;
    },
    get connectionCount() {
      return upstream.connectionCount;
    },
    onStateChange: (listener) => upstream.onStateChange(listener),
    ready: (signal) => upstream.ready(signal),
    async unary(path, wire, options) {
      // Most of the time nothing is recorded, and a call that ends soon needs no trace then.
      if (current() === undefined) return upstream.unary(path, wire, options);
      const trace = traceOf(path, true, options.metadata);
      trace.request(wire);
      try {
        // What is recorded is written later, so it must not lie in memory that is used again.
        const reply = await upstream.unary(path, wire, { ...options, receiveMemory: undefined });
        trace.headers(reply.headers);
        trace.message(reply.wire);
        trace.end(reply.trailers);
        return reply;
      } catch (error) {
        trace.fail(error);
        throw error;
      }
    },
    stream(path, requests, options) {
      const trace = traceOf(path, false, options.metadata);
      const stream = upstream.stream(path, recordRequests(requests, trace), options);
      // As above; copied and not refused, since a recording may begin in the middle of the stream.
      const isLent = options.receiveMemory !== undefined;
      const record = (message: Uint8Array) => {
        if (current() !== undefined) trace.message(isLent ? new Uint8Array(message) : message);
      };
      return recordStream(stream, trace, record);
    },
    async close() {
      stopListening();
      await upstream.close();
    },
  };
}

/** By hand, not as a generator: that one's `return` would wait for a message that may never come. */
function recordRequests(requests: AsyncIterable<Uint8Array>, trace: CallTrace): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const source = requests[Symbol.asyncIterator]();
      return {
        async next() {
          const step = await source.next();
          if (step.done === true) trace.halfClose();
          else trace.request(step.value);
          return step;
        },
        async return(value) {
          return (await source.return?.(value)) ?? { done: true, value: undefined };
        },
      };
    },
  };
}

type RecordMessage = (message: Uint8Array) => void;

function recordStream(stream: UpstreamStream, trace: CallTrace, record: RecordMessage): UpstreamStream {
  stream.headers.then(
    (headers) => trace.headers(headers),
    // The failure comes to the reader of the messages as well.
    () => undefined,
  );
  return {
    headers: stream.headers,
    trailers: stream.trailers,
    messages: recordMessages(stream, trace, record),
    cancel() {
      trace.fail(leftByClient());
      stream.cancel();
    },
  };
}

function recordMessages(
  stream: UpstreamStream,
  trace: CallTrace,
  record: RecordMessage,
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const source = stream.messages[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            const step = await source.next();
            if (step.done === true) trace.end(await stream.trailers);
            else record(step.value);
            return step;
          } catch (error) {
            trace.fail(error);
            throw error;
          }
        },
        async return(value) {
          trace.fail(leftByClient());
          return (await source.return?.(value)) ?? { done: true, value: undefined };
        },
      };
    },
  };
}

function leftByClient(): ProxyError {
  return new ProxyError("client_gone", "the client left the stream");
}
