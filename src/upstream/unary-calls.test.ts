import assert from "node:assert/strict";
import { test } from "node:test";
import { call, describeOnEach, fakeFor, isReason } from "../../test/upstream-fixture.ts";
import { ProxyError } from "../errors.ts";

describeOnEach("unary calls", (connectTo) => {
  test("carry bytes, request metadata, reply headers and trailers", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    const metadata = new Map([
      ["x-octane-a", ["1", "2"]],
      ["x-octane-bin", [Buffer.from([0, 255]).toString("base64")]],
    ]);
    const wire = Buffer.from([8, 150, 1]);
    const reply = await upstream.unary("/t.T/echo", wire, { ...call, metadata });
    assert.deepEqual(Buffer.from(reply.wire), wire);
    assert.equal(reply.headers.get("x-octane-a")?.join(","), "1, 2");
    assert.deepEqual(reply.headers.get("x-octane-bin"), ["AP8="]);
    assert.deepEqual(reply.trailers.get("x-octane-trailer"), ["t"]);
  });

  test("carry empty messages and messages far above grpc's default limit", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    assert.equal((await upstream.unary("/t.T/echo", new Uint8Array(), call)).wire.length, 0);
    const large = Buffer.alloc(9 * 1024 * 1024, 7);
    assert.equal(Buffer.compare((await upstream.unary("/t.T/echo", large, call)).wire, large), 0);
  });

  test("give the upstream's status with message, trailers and decoded details", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    await assert.rejects(upstream.unary("/t.T/fail", Buffer.from("5"), call), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.reason, "upstream_status");
      assert.equal(error.code, "NOT_FOUND");
      assert.equal(error.message, "no such item");
      assert.deepEqual(error.metadata?.get("x-octane-why"), ["because"]);
      assert.deepEqual(error.details, [
        {
          "@type": "type.googleapis.com/google.rpc.BadRequest",
          fieldViolations: [{ field: "handle", description: "is 0" }],
        },
        { "@type": "type.googleapis.com/octane.Odd", value: "AQID" },
      ]);
      return true;
    });
  });

  for (const [name, number] of [
    ["CANCELLED", 1],
    ["DEADLINE_EXCEEDED", 4],
    ["UNAVAILABLE", 14],
    ["RESOURCE_EXHAUSTED", 8],
  ] as const) {
    test(`tell the upstream's own ${name} from ours`, async (t) => {
      const upstream = connectTo(t, (await fakeFor(t)).port);
      await assert.rejects(upstream.unary("/t.T/fail", Buffer.from(String(number)), call), (error) => {
        assert.ok(error instanceof ProxyError);
        assert.equal(`${error.reason} ${error.code}`, `upstream_status ${name}`);
        return true;
      });
    });
  }

  test("end at their deadline, and the upstream hears of it", async (t) => {
    const fake = await fakeFor(t);
    const upstream = connectTo(t, fake.port);
    await upstream.ready();
    await assert.rejects(
      upstream.unary("/t.T/hang", Buffer.alloc(0), { timeoutMs: 60 }),
      isReason("deadline_exceeded"),
    );
    await fake.cancelled;
  });

  test("are cancelled by their signal, and the upstream hears of it", async (t) => {
    const fake = await fakeFor(t);
    const upstream = connectTo(t, fake.port);
    const abort = new AbortController();
    const pending = upstream.unary("/t.T/hang", Buffer.alloc(0), { ...call, signal: abort.signal });
    await fake.onHang;
    abort.abort();
    await assert.rejects(pending, isReason("client_gone"));
    await fake.cancelled;
    await assert.rejects(
      upstream.unary("/t.T/echo", Buffer.alloc(0), { ...call, signal: abort.signal }),
      isReason("client_gone"),
    );
    assert.deepEqual(fake.calls, []);
  });

  test("name a method that the server lacks", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    await assert.rejects(upstream.unary("/t.T/none", Buffer.alloc(0), call), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.code, "UNIMPLEMENTED");
      assert.match(error.message, /none/);
      return true;
    });
  });

  test("fail as shutting down when the upstream is closed under them", async (t) => {
    const fake = await fakeFor(t);
    const upstream = connectTo(t, fake.port);
    const pending = upstream.unary("/t.T/hang", Buffer.alloc(0), call);
    await fake.onHang;
    await Promise.all([assert.rejects(pending, isReason("shutting_down")), upstream.close()]);
    await assert.rejects(upstream.unary("/t.T/echo", Buffer.alloc(0), call), isReason("shutting_down"));
  });
});
