import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { type FakeHandler, type FakeOctane, startFakeOctane } from "../../test/fake-octane.ts";
import { loadBuiltIn } from "../contract/built-in.ts";
import type { Generation } from "../contract/contract.ts";
import { ProxyError, type Reason } from "../errors.ts";
import { silentLogger } from "../observe/logger.ts";
import { createUpstream } from "../upstream/create-upstream.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { createSession, type SessionHandle } from "./create-session.ts";

const contracts = { alpha5: loadBuiltIn("alpha5"), beta2: loadBuiltIn("beta2") };
const question = "/octaneapi.ApiControlService/getWebRTCStatus";
const callOptions = { timeoutMs: 5000 };
const empty = new Uint8Array();
const ok: FakeHandler = () => empty;

/** What each generation answers to the detection, and one method of each pair of names. */
const alpha5Octane: readonly [string, FakeHandler][] = [
  ["/octaneapi.ApiItemService/getByAttrID", () => Buffer.from([0x50, 1])],
  ["/octaneapi.ApiItemService/name", ok],
];
const beta2Octane: readonly [string, FakeHandler][] = [
  [question, ok],
  ["/octaneapi.ApiItemService/getValueByAttrID", () => Buffer.from([0x50, 1])],
  ["/octaneapi.ApiItemService/name", ok],
];

async function startOctane(
  t: TestContext,
  handlers: readonly [string, FakeHandler][],
  port = 0,
): Promise<FakeOctane> {
  const octane = await startFakeOctane(new Map(handlers), port);
  t.after(() => octane.close());
  return octane;
}

function open(
  t: TestContext,
  address: string,
  generation: Generation | "auto" = "auto",
): { upstream: Upstream; session: SessionHandle } {
  const upstream = createUpstream({ candidates: [address], logger: silentLogger, retryMs: 20, pingMs: 50 });
  const session = createSession({ name: "test", upstream, contracts, generation, logger: silentLogger });
  t.after(async () => {
    await session.close();
    await upstream.close();
  });
  return { upstream, session };
}

function untilGeneration(session: SessionHandle, wanted: Generation): Promise<void> {
  return new Promise((resolve) => {
    if (session.generation === wanted) return resolve();
    const stop = session.onContractChange(() => {
      if (session.generation !== wanted) return;
      stop();
      resolve();
    });
  });
}

const failsWith =
  (reason: Reason, ...patterns: RegExp[]) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof ProxyError, String(error));
    assert.equal(error.reason, reason, error.message);
    for (const pattern of patterns) assert.match(error.message, pattern);
    return true;
  };

describe("the generation", () => {
  test("is Beta 2 where Beta 2's read is answered", async (t) => {
    const { session } = open(t, (await startOctane(t, beta2Octane)).address);
    assert.equal(session.generation, undefined);
    assert.equal(session.contract, contracts.beta2);
    await untilGeneration(session, "beta2");
  });

  test("is Alpha 5 where Beta 2's read is unknown, and the contract follows", async (t) => {
    const { session } = open(t, (await startOctane(t, alpha5Octane)).address);
    await untilGeneration(session, "alpha5");
    assert.equal(session.contract, contracts.alpha5);
  });

  test("stays open after any other failure, and is asked again", async (t) => {
    let answers = 0;
    const flaky: FakeHandler = () => (++answers < 2 ? { code: 13, details: "busy" } : empty);
    const octane = await startOctane(t, [...alpha5Octane, [question, flaky]]);
    const { session } = open(t, octane.address);
    await untilGeneration(session, "beta2");
    assert.equal(answers, 2);
  });

  test("given as a flag is believed without a question", async (t) => {
    const octane = await startOctane(t, beta2Octane);
    const { session } = open(t, octane.address, "alpha5");
    assert.equal(session.generation, "alpha5");
    await session.call(session.findMethod("ApiItem", "name"), empty, callOptions);
    assert.deepEqual(
      octane.received.map(({ path }) => path),
      ["/octaneapi.ApiItemService/name"],
    );
  });

  test("is asked again when another Octane takes the place of the first", async (t) => {
    const first = await startOctane(t, alpha5Octane);
    const { session } = open(t, first.address);
    await untilGeneration(session, "alpha5");
    first.close();
    await startOctane(t, beta2Octane, Number(first.address.split(":")[1]));
    await untilGeneration(session, "beta2");
  });

  test("that is not told yet holds no call up that both generations have", async (t) => {
    const octane = await startOctane(t, [...beta2Octane, [question, () => new Promise(() => {})]]);
    const { session } = open(t, octane.address);
    await octane.until(question);
    await session.call(session.findMethod("ApiItem", "name"), empty, callOptions);
    assert.equal(session.generation, undefined);
  });

  test("that is never told delays other calls only for a while, then Beta 2 is assumed", async (t) => {
    const octane = await startOctane(t, [...beta2Octane, [question, () => new Promise(() => {})]]);
    const { session } = open(t, octane.address);
    await octane.until(question);
    await session.call(session.findMethod("ApiItem", "getByAttrID"), empty, { timeoutMs: 1000 });
    assert.equal(session.generation, undefined);
    assert.equal(octane.received.at(-1)?.path, "/octaneapi.ApiItemService/getValueByAttrID");
  });

  test("is waited for by the first call that depends on it", async (t) => {
    for (const [handlers, path] of [
      [alpha5Octane, "getByAttrID"],
      [beta2Octane, "getValueByAttrID"],
    ] as const) {
      const octane = await startOctane(t, handlers);
      const { session } = open(t, octane.address);
      for (const name of ["getByAttrID", "getValueByAttrID"]) {
        const reply = await session.call(session.findMethod("ApiItem", name), empty, callOptions);
        assert.deepEqual(Buffer.from(reply.wire), Buffer.from([0x50, 1]));
      }
      const paths = octane.received.map((call) => call.path).filter((each) => each !== question);
      assert.deepEqual(paths, Array(2).fill(`/octaneapi.ApiItemService/${path}`));
    }
  });
});

describe("a method", () => {
  test("is found by every form of its service's name", async (t) => {
    const { session } = open(t, "127.0.0.1:1", "beta2");
    for (const service of ["ApiItem", "ApiItemService", "octaneapi.ApiItem", "octaneapi.ApiItemService"]) {
      const target = session.findMethod(service, "name");
      assert.equal(target.method.path, "/octaneapi.ApiItemService/name");
      assert.equal(target.isNative, true);
    }
    assert.equal(
      session.findMethod("LiveLink", "GetCamera").method.path,
      "/livelinkapi.LiveLinkService/GetCamera",
    );
  });

  test("of the other generation is found and marked", async (t) => {
    const { session } = open(t, "127.0.0.1:1", "beta2");
    assert.equal(session.findMethod("ApiItem", "getByAttrID").isNative, false);
    assert.equal(session.findMethod("ApiItem", "getValueByAttrID").isNative, true);
  });

  for (const [service, method, reason, pattern] of [
    ["ApiItm", "name", "unknown_service", /"ApiItm".*did you mean "ApiItem/],
    ["ApiItem", "nam", "unknown_method", /"nam".*did you mean .*"name"/],
    ["ApiItem", "Name", "unknown_method", /did you mean .*"name"/],
    ["ApiItem", "getByAttrId", "unknown_method", /"getByAttrID"/],
    ["__proto__", "constructor", "unknown_service", /__proto__/],
    ["ApiItem", "constructor", "unknown_method", /constructor/],
    ["ApiItem", "__proto__", "unknown_method", /__proto__/],
    ["", "", "unknown_service", /""/],
    ["a\nb", "c", "unknown_service", /"a\?b"/],
  ] as const) {
    test(`${JSON.stringify(service)}/${JSON.stringify(method)} is refused as ${reason}`, async (t) => {
      const { session } = open(t, "127.0.0.1:1", "beta2");
      assert.throws(() => session.findMethod(service, method), failsWith(reason, pattern));
    });
  }

  test("reaches its upstream untouched when both generations have it", async (t) => {
    const octane = await startOctane(t, alpha5Octane);
    const { session } = open(t, octane.address, "alpha5");
    const odd = Buffer.from([0xfa, 0x3f, 3, 1, 2, 3]);
    const metadata = new Map([["x-octane-a", ["1"]]]);
    await session.call(session.findMethod("ApiItem", "name"), odd, { ...callOptions, metadata });
    const [call] = octane.received;
    assert.deepEqual(call?.wire, odd);
    assert.deepEqual(call?.metadata.get("x-octane-a"), ["1"]);
  });
});

describe("a translated call", () => {
  test("also goes as a stream of one", async (t) => {
    const octane = await startOctane(t, beta2Octane);
    const { session } = open(t, octane.address, "beta2");
    async function* requests(): AsyncGenerator<Uint8Array> {
      yield empty;
    }
    const stream = session.stream(session.findMethod("ApiItem", "getByAttrID"), requests(), callOptions);
    const replies: Uint8Array[] = [];
    for await (const reply of stream.messages) replies.push(Buffer.from(reply));
    assert.deepEqual(replies, [Buffer.from([0x50, 1])]);
    await stream.trailers;
  });

  test("refuses bytes that are no message, and sends nothing", async (t) => {
    const octane = await startOctane(t, beta2Octane);
    const { session } = open(t, octane.address, "beta2");
    const target = session.findMethod("ApiNode", "getPinFloat");
    await assert.rejects(
      session.call(target, Buffer.from([0x0a, 200]), callOptions),
      failsWith("malformed_message"),
    );
    assert.deepEqual(octane.received, []);
  });

  test("is refused while nothing is connected, as every call is", async (t) => {
    const { session, upstream } = open(t, "127.0.0.1:1");
    await new Promise<void>((resolve) => {
      const stop = upstream.onStateChange(() => {
        stop();
        resolve();
      });
    });
    for (const name of ["getByAttrID", "name"]) {
      await assert.rejects(
        session.call(session.findMethod("ApiItem", name), empty, callOptions),
        failsWith("upstream_unavailable"),
      );
    }
  });
});

test("replaced contracts are announced and used", async (t) => {
  const { session } = open(t, "127.0.0.1:1", "beta2");
  let heard = 0;
  const stop = session.onContractChange(() => heard++);
  session.replaceContracts({ alpha5: contracts.beta2, beta2: contracts.alpha5 });
  assert.equal(heard, 1);
  assert.equal(session.contract, contracts.alpha5);
  stop();
  session.replaceContracts(contracts);
  assert.equal(heard, 1);
});
