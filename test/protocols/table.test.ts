import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { DescMethod } from "@bufbuild/protobuf";
import { createProxy, type ProxyHandle } from "../../src/index.ts";
import { silentLogger } from "../../src/observe/logger.ts";
import { type GenericServer, genericProtoDir, startGenericServer } from "../generic-server.ts";
import { findGenericMethod } from "./generic-methods.ts";
import type { Outcome, ProtocolClient, TableCall } from "./protocol-client.ts";
import { protocols } from "./protocols.ts";

type Kind = DescMethod["methodKind"];

/** What to send for each kind so that this comes of it. */
interface Row {
  readonly name: string;
  readonly calls: Readonly<Record<Kind, { readonly method: string; readonly requests: readonly unknown[] }>>;
  readonly options?: Partial<TableCall>;
  /** The call's time where the machine is fast enough for the call to get as far as `hasCome` tells; more where not. */
  readonly leastTimeoutMs?: number;
  hasCome?(outcome: Outcome, kind: Kind): boolean;
  /** Aborts when the call has reached the server. */
  readonly cancels?: boolean;
  /** The server's copy of the call must have been cancelled, not left to itself. */
  readonly isCancelledUpstream?: boolean;
  /** Which fault of a call is found first, this one or its kind, differs between protocols. */
  readonly isOnlyForServedKinds?: boolean;
  check(outcome: Outcome, kind: Kind, timeoutMs: number | undefined): void;
}

const everything = {
  aString: "é ☃",
  aFloat: 0.5,
  anInt64: "9007199254740993",
  someBytes: "AAEC/w==",
  aMood: "MOOD_SAD",
  manyInt32: [1, -2, 3],
  byString: { a: 1 },
  choiceMessage: { number: 7, text: "seven" },
  at: "2026-01-02T03:04:05.678Z",
  wrappedInt64: "5",
};
/** More than the 4 MiB that gRPC libraries take by default. */
const largeText = "x".repeat(4_300_000);
const hang = { number: 1, text: "hang" };
/** Whether a call that hangs gets one message before. */
const isEchoed = (kind: Kind): boolean => kind === "server_streaming" || kind === "bidi_streaming";

const rows: readonly Row[] = [
  {
    name: "ok",
    calls: {
      unary: { method: "Echo", requests: [everything] },
      server_streaming: { method: "Count", requests: [{ count: 3, textLength: 2 }] },
      client_streaming: { method: "Sum", requests: [{ number: 40 }, {}, { number: 2 }] },
      bidi_streaming: { method: "Converse", requests: [{ number: 1 }, { number: 2, text: "two" }] },
    },
    check(outcome, kind) {
      assert.equal(outcome.code, "OK", outcome.message);
      assert.deepEqual(
        outcome.messages,
        {
          unary: [everything],
          server_streaming: [1, 2, 3].map((number) => ({ number, text: "xx" })),
          client_streaming: [{ sum: "42", messages: 3 }],
          bidi_streaming: [{ number: 1 }, { number: 2, text: "two" }],
        }[kind],
      );
    },
  },
  {
    name: "an error with details, after the messages before it",
    calls: {
      unary: { method: "Fail", requests: [{ code: 9, message: "nö 100 %", badField: "number" }] },
      server_streaming: {
        method: "Count",
        requests: [{ count: 2, failAfter: { code: 9, message: "nö 100 %", badField: "number" } }],
      },
      client_streaming: { method: "Sum", requests: [{ number: 1 }, { number: -9, text: "nö 100 %" }] },
      bidi_streaming: { method: "Converse", requests: [{ number: 1 }, { number: -9, text: "nö 100 %" }] },
    },
    check(outcome, kind) {
      assert.equal(outcome.code, "FAILED_PRECONDITION", outcome.message);
      assert.equal(outcome.message, "nö 100 %");
      assert.equal(
        outcome.messages.length,
        { unary: 0, server_streaming: 2, client_streaming: 0, bidi_streaming: 1 }[kind],
      );
      assert.equal(outcome.details?.length, 1);
      assert.equal(outcome.details[0]?.type, "google.rpc.BadRequest");
      assert.match(outcome.details[0]?.text, /number[\s\S]*not as it should be/);
      assert.equal(outcome.metadata.get("x-octane-trailer"), "with the failure");
    },
  },
  {
    name: "a deadline",
    leastTimeoutMs: 150,
    hasCome: ({ messages }, kind) => messages.length > 0 || !isEchoed(kind),
    isCancelledUpstream: true,
    calls: {
      unary: { method: "Hang", requests: [{}] },
      server_streaming: { method: "Count", requests: [{ count: 1, hangAfter: true }] },
      client_streaming: { method: "Sum", requests: [hang] },
      bidi_streaming: { method: "Converse", requests: [hang] },
    },
    check(outcome, kind, timeoutMs) {
      assert.equal(outcome.code, "DEADLINE_EXCEEDED", outcome.message);
      assert.match(outcome.message ?? "", new RegExp(`\\b${timeoutMs} ms`));
      assert.equal(outcome.messages.length, isEchoed(kind) ? 1 : 0);
    },
  },
  {
    name: "a client that goes away",
    cancels: true,
    isCancelledUpstream: true,
    calls: {
      unary: { method: "Hang", requests: [{}] },
      server_streaming: { method: "Count", requests: [{ count: 1, hangAfter: true }] },
      client_streaming: { method: "Sum", requests: [hang] },
      bidi_streaming: { method: "Converse", requests: [hang] },
    },
    check: (outcome) => assert.equal(outcome.code, "CANCELLED", outcome.message),
  },
  {
    name: "an unknown method",
    calls: {
      unary: { method: "Nope", requests: [{}] },
      server_streaming: { method: "Nope", requests: [{}] },
      client_streaming: { method: "Nope", requests: [{}] },
      bidi_streaming: { method: "Nope", requests: [{}] },
    },
    check(outcome) {
      assert.equal(outcome.code, "UNIMPLEMENTED");
      assert.match(outcome.message ?? "", /EverythingService" has no method "Nope"/);
    },
  },
  {
    name: "a header under a name that gRPC does not allow",
    options: { headers: { "grpc-metadata-foo!": "x" } },
    isOnlyForServedKinds: true,
    calls: {
      unary: { method: "Metadata", requests: [{}] },
      server_streaming: { method: "Count", requests: [{ count: 1 }] },
      client_streaming: { method: "Sum", requests: [{ number: 1 }] },
      bidi_streaming: { method: "Converse", requests: [{ number: 1 }] },
    },
    check({ code, message, messages }) {
      assert.equal(code, "INVALID_ARGUMENT", message);
      assert.match(message ?? "", /"grpc-metadata-foo!"/);
      assert.deepEqual(messages, []);
    },
  },
  {
    name: "large messages",
    calls: {
      unary: { method: "Echo", requests: [{ aString: largeText }] },
      server_streaming: { method: "Count", requests: [{ count: 1, textLength: largeText.length }] },
      client_streaming: { method: "Sum", requests: [{ number: 1, text: largeText }, { number: 2 }] },
      bidi_streaming: { method: "Converse", requests: [{ number: 1, text: largeText }] },
    },
    check(outcome, kind) {
      assert.equal(outcome.code, "OK", outcome.message);
      const expected = {
        unary: [{ aString: largeText }],
        server_streaming: [{ number: 1, text: largeText }],
        client_streaming: [{ sum: "3", messages: 2 }],
        bidi_streaming: [{ number: 1, text: largeText }],
      }[kind];
      // Not deepEqual: its report of a difference would be as large as the messages.
      assert.ok(JSON.stringify(outcome.messages) === JSON.stringify(expected), "every byte arrives");
    },
  },
  {
    name: "metadata both ways",
    options: { headers: { "x-octane-echo": "hello there" } },
    calls: {
      unary: { method: "Metadata", requests: [{}] },
      server_streaming: { method: "Count", requests: [{ count: 1 }] },
      client_streaming: { method: "Sum", requests: [{ number: 1 }] },
      bidi_streaming: { method: "Converse", requests: [{ number: 1 }] },
    },
    check({ code, message, messages, metadata }, kind) {
      assert.equal(code, "OK", message);
      if (kind === "unary") {
        const { received } = messages[0] as { received: Record<string, string> };
        assert.equal(received["x-octane-echo"], "hello there");
        assert.equal(metadata.get("x-octane-header"), "from the start");
        assert.equal(metadata.get("x-octane-trailer"), "from the end");
        return;
      }
      assert.equal(metadata.get("x-octane-header"), "hello there");
      assert.equal(metadata.get("x-octane-trailer"), "hello there");
    },
  },
];

const kinds: readonly Kind[] = ["unary", "server_streaming", "client_streaming", "bidi_streaming"];

describe("the table of protocols", () => {
  let server: GenericServer;
  let proxy: ProxyHandle;

  before(async () => {
    server = await startGenericServer();
    proxy = await createProxy({
      port: 0,
      octane: server.address,
      proto: [genericProtoDir],
      logger: silentLogger,
    });
    await proxy.ready();
  });

  after(async () => {
    await proxy.close();
    server.close();
  });

  for (const protocol of protocols) {
    describe(protocol.name, () => {
      for (const kind of kinds) {
        for (const row of rows) {
          if (row.isOnlyForServedKinds === true && protocol.refuses(kind) !== undefined) continue;
          test(`${kind.replace("_", " ")}: ${row.name}`, () => checkCell(protocol, kind, row));
        }
      }
    });
  }

  async function checkCell(
    protocol: ProtocolClient,
    kind: Kind,
    row: Row,
    timeoutMs = row.leastTimeoutMs,
  ): Promise<void> {
    const { method, requests } = row.calls[kind];
    const leaving = new AbortController();
    const options = { ...row.options, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    const call: TableCall = { method: findGenericMethod(method, kind), requests, ...options };
    const refusal = protocol.refuses(kind);
    if (refusal !== undefined) {
      const outcome = await protocol.call(proxy.url, call);
      assert.equal(outcome.code, refusal);
      assert.notEqual(outcome.message ?? "", "");
      return;
    }
    const cancelled = row.isCancelledUpstream === true ? server.cancelled(method) : undefined;
    let hasBegun = false;
    void server.begun(method).then(() => {
      hasBegun = true;
      if (row.cancels === true) leaving.abort();
    });
    const outcome = await protocol.call(
      proxy.url,
      row.cancels === true ? { ...call, signal: leaving.signal } : call,
    );
    const isTooShort = !hasBegun || row.hasCome?.(outcome, kind) === false;
    if (timeoutMs !== undefined && timeoutMs < 20_000 && isTooShort) {
      assert.equal(outcome.code, "DEADLINE_EXCEEDED", outcome.message);
      return checkCell(protocol, kind, row, timeoutMs * 2);
    }
    row.check(outcome, kind, timeoutMs);
    await cancelled;
    assert.equal(server.open.get(method) ?? 0, 0, "nothing is left open");
  }
});
