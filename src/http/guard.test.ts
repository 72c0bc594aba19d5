import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { test } from "node:test";
import {
  checkHost,
  checkOrigin,
  checkToken,
  checkWithoutOrigin,
  createGuardPolicy,
  type GuardedRequest,
  isLoopbackHost,
} from "./guard.ts";

const open = createGuardPolicy({ allowHost: [], allowOrigin: [], token: undefined });
const listed = createGuardPolicy({
  allowHost: ["studio.example", "10.0.0.5"],
  allowOrigin: ["https://app.example", "null"],
  token: "s3cret token",
});

function request(headers: IncomingHttpHeaders, method = "GET", authority?: string): GuardedRequest {
  const rawHeaders = Object.entries(headers).flatMap(([name, value]) => [name, String(value)]);
  return { method, headers, rawHeaders, authority };
}

test("loopback hosts are told from names and addresses that only look like them", async (t) => {
  const cases: [string, boolean][] = [
    ["localhost", true],
    ["localhost:51023", true],
    ["LocalHost:1", true],
    ["127.0.0.1", true],
    ["127.255.255.254:80", true],
    ["[::1]", true],
    ["[::1]:51023", true],
    ["0.0.0.0:51023", false],
    ["[::]", false],
    ["localhost.", false],
    ["localhost.evil", false],
    ["evil.localhost", false],
    ["127.0.0.1.evil.example", false],
    ["127.0.0.256", false],
    ["127.1", false],
    ["2130706433", false],
    ["0x7f.0.0.1", false],
    ["127.0.0.01", false],
    ["128.0.0.1", false],
    ["[::ffff:127.0.0.1]", false],
    ["localhost@evil.example", false],
    ["evil.example@localhost", false],
    ["localhost:80@evil.example", false],
    ["localhost:80:80", false],
    ["localhost:abc", false],
    ["localhost/evil", false],
    ["localhost, evil.example", false],
    [" localhost", false],
    ["", false],
  ];
  for (const [host, expected] of cases) {
    await t.test(JSON.stringify(host), () => assert.equal(isLoopbackHost(host), expected));
  }
});

test("exactly one Host is needed", () => {
  assert.equal(checkHost(open, request({}))?.reason, "malformed_request");
  const two = { ...request({ host: "localhost" }), rawHeaders: ["Host", "localhost", "HOST", "localhost"] };
  assert.equal(checkHost(open, two)?.reason, "malformed_request");
  assert.equal(checkHost(open, request({ host: "localhost" })), undefined);
});

test("a foreign Host is refused with the flag that would allow it", () => {
  const refusal = checkHost(open, request({ host: "studio.example:51023" }));
  assert.equal(refusal?.reason, "refused_host");
  assert.match(refusal?.message ?? "", /--allow-host studio\.example /);
  assert.equal(checkHost(listed, request({ host: "Studio.Example:51023" })), undefined);
  assert.equal(checkHost(listed, request({ host: "10.0.0.5" })), undefined);
  assert.equal(checkHost(listed, request({ host: "10.0.0.5.evil" }))?.reason, "refused_host");
});

test("a listed IPv6 address is found in each of its spellings", async (t) => {
  for (const given of ["2001:db8::1", "[2001:db8::1]", "2001:DB8:0:0::0001"]) {
    const policy = createGuardPolicy({ allowHost: [given], allowOrigin: [], token: undefined });
    const cases: [string, boolean][] = [
      ["[2001:db8::1]", true],
      ["[2001:db8::1]:51023", true],
      ["[2001:DB8:0::1]", true],
      ["[2001:db8::2]", false],
      ["[::ffff:2001:db8::1]", false],
      ["2001:db8::1", false],
      ["[::1]:51023", true],
      ["[0::1]", false],
    ];
    for (const [host, expected] of cases) {
      await t.test(`${host} with --allow-host ${given}`, () => {
        assert.equal(checkHost(policy, request({ host })) === undefined, expected);
      });
    }
  }
  assert.match(
    checkHost(open, request({ host: "[2001:DB8:0::1]:51023" }))?.message ?? "",
    /--allow-host 2001:db8::1 /,
  );
});

test("an absolute-form target is held to the Host rule", () => {
  const refused = checkHost(open, request({ host: "localhost" }, "GET", "evil.example"));
  assert.equal(refused?.reason, "refused_host");
  assert.equal(checkHost(open, request({ host: "localhost" }, "GET", "127.0.0.1:5")), undefined);
});

test("origins are allowed when loopback or exactly listed", async (t) => {
  const cases: [string, boolean, boolean][] = [
    ["http://localhost:3000", true, true],
    ["https://127.0.0.1", true, true],
    ["http://[::1]:8080", true, true],
    ["null", false, true],
    ["https://app.example", false, true],
    ["https://app.example:443", false, false],
    ["http://app.example", false, false],
    ["https://APP.example", false, false],
    ["https://app.example.evil", false, false],
    ["http://localhost.evil:3000", false, false],
    ["http://localhost@evil.example", false, false],
    ["http://localhost:3000/", false, false],
    ["http://localhost, http://evil.example", false, false],
    ["ftp://localhost", false, false],
    ["file://", false, false],
    ["http://0.0.0.0:3000", false, false],
    ["*", false, false],
    ["", false, false],
  ];
  for (const [origin, whenOpen, whenListed] of cases) {
    await t.test(JSON.stringify(origin), () => {
      assert.equal(checkOrigin(open, origin) === undefined, whenOpen);
      assert.equal(checkOrigin(listed, origin) === undefined, whenListed);
    });
  }
  assert.match(
    checkOrigin(open, "https://app.example")?.message ?? "",
    /--allow-origin https:\/\/app\.example/,
  );
  assert.match(checkOrigin(open, "null")?.message ?? "", /--allow-origin null/);
});

test("without an Origin, browsers may only do what no foreign page can cause", async (t) => {
  const form = "application/x-www-form-urlencoded";
  const cases: [string, string, IncomingHttpHeaders, "allowed" | "navigation" | "refused"][] = [
    ["a tool's GET", "GET", {}, "allowed"],
    ["an address typed by hand", "GET", { "sec-fetch-site": "none" }, "allowed"],
    ["an image of our own page", "HEAD", { "sec-fetch-site": "same-origin" }, "allowed"],
    ["an image on another port of loopback", "GET", { "sec-fetch-site": "same-site" }, "allowed"],
    [
      "an image on a sibling of a named host",
      "GET",
      { "sec-fetch-site": "same-site", host: "studio.example" },
      "refused",
    ],
    ["an image of a foreign page", "GET", { "sec-fetch-site": "cross-site" }, "refused"],
    ["two Sec-Fetch-Site", "GET", { "sec-fetch-site": "none, cross-site" }, "refused"],
    [
      "a link from a foreign page",
      "GET",
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
      "navigation",
    ],
    [
      "a frame in a foreign page",
      "GET",
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
      "refused",
    ],
    [
      "no-cors as a document",
      "GET",
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "document" },
      "refused",
    ],
    ["curl -d", "POST", { "content-type": form }, "allowed"],
    ["a tool's JSON", "POST", { "content-type": "application/json" }, "allowed"],
    [
      "our own page",
      "POST",
      { "sec-fetch-site": "same-origin", "content-type": "application/json" },
      "allowed",
    ],
    ["a POST typed by hand", "POST", { "sec-fetch-site": "none" }, "refused"],
    ["same-site POST", "POST", { "sec-fetch-site": "same-site" }, "refused"],
    [
      "cross-site POST",
      "POST",
      { "sec-fetch-site": "cross-site", "content-type": "application/json" },
      "refused",
    ],
    ["cross-site PUT", "PUT", { "sec-fetch-site": "cross-site" }, "refused"],
    ["a form with a Referer", "POST", { "content-type": form, referer: "http://evil.example/" }, "refused"],
    [
      "a form with a Cookie",
      "POST",
      { "content-type": "text/plain;charset=utf-8", cookie: "a=1" },
      "refused",
    ],
    [
      "a form with Sec-Fetch-Mode",
      "POST",
      { "content-type": "Text/Plain", "sec-fetch-mode": "cors" },
      "refused",
    ],
    [
      "a multipart form of our own site",
      "POST",
      { "content-type": "multipart/form-data; boundary=x", "sec-fetch-site": "same-origin" },
      "refused",
    ],
    ["JSON with a Cookie", "POST", { "content-type": "application/json", cookie: "a=1" }, "allowed"],
  ];
  for (const [name, method, headers, expected] of cases) {
    await t.test(name, () => {
      const decision = checkWithoutOrigin(request({ host: "localhost:51023", ...headers }, method));
      assert.equal(typeof decision === "string" ? decision : "refused", expected);
    });
  }
});

test("the token is taken from the bearer header or a WebSocket's subprotocols", async (t) => {
  const encoded = Buffer.from("s3cret token").toString("base64url");
  const spaced = createGuardPolicy({ allowHost: [], allowOrigin: [], token: "s3cret" });
  const cases: [string, ReturnType<typeof createGuardPolicy>, IncomingHttpHeaders, boolean][] = [
    ["right", spaced, { authorization: "Bearer s3cret" }, true],
    ["scheme in any case", spaced, { authorization: "bEARER s3cret" }, true],
    ["wrong", spaced, { authorization: "Bearer s3cret2" }, false],
    ["a prefix of it", spaced, { authorization: "Bearer s3cre" }, false],
    ["another scheme", spaced, { authorization: "Basic s3cret" }, false],
    ["none", spaced, {}, false],
    ["empty", spaced, { authorization: "Bearer " }, false],
    [
      "subprotocol",
      listed,
      { upgrade: "websocket", "sec-websocket-protocol": `octane-proxy, bearer.${encoded}` },
      true,
    ],
    [
      "wrong subprotocol",
      listed,
      { upgrade: "websocket", "sec-websocket-protocol": "octane-proxy, bearer.AAAA" },
      false,
    ],
    [
      "subprotocol without an upgrade",
      listed,
      { "sec-websocket-protocol": `octane-proxy, bearer.${encoded}` },
      false,
    ],
    ["no token needed", open, {}, true],
  ];
  for (const [name, policy, headers, expected] of cases) {
    await t.test(name, () => {
      const refusal = checkToken(policy, headers);
      assert.equal(refusal === undefined, expected);
      assert.doesNotMatch(refusal?.message ?? "", /s3cret/);
    });
  }
});
