import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { type ConsoleFixture, startConsole } from "./console-fixture.ts";

const mostCompressedBytes = 200 * 1024;

let fixture: ConsoleFixture;

before(async () => {
  fixture = await startConsole();
});

after(() => fixture?.close());

for (const area of ["viewport", "scene", "calls", "traffic", "status"]) {
  test(`the first load of ${area} is at most 200 KB, compressed, all from the proxy itself`, async () => {
    const page = await fixture.browser.newPage();
    const files: Promise<[string, number, string]>[] = [];
    const foreign: string[] = [];
    page.on("response", (response) => {
      const url = new URL(response.url());
      if (!["http:", "https:"].includes(url.protocol)) return;
      if (url.origin !== new URL(fixture.proxy.url).origin) foreign.push(response.url());
      if (!url.pathname.startsWith("/console/")) return;
      files.push(
        Promise.all([
          url.pathname,
          response.body().then((body) => gzipSync(body).length),
          response.headerValue("content-encoding").then((encoding) => encoding ?? ""),
        ]),
      );
    });
    await page.goto(`${fixture.proxy.url}/console/#/${area}`);
    await page.waitForLoadState("load");
    await page.locator("main > *").first().waitFor();
    await page.getByText("Loading", { exact: true }).waitFor({ state: "detached" });
    // What comes later would be cut off when the page is closed.
    page.removeAllListeners("response");
    const loaded = await Promise.all(files);
    const total = loaded.reduce((sum, [, bytes]) => sum + bytes, 0);
    assert.ok(loaded.length >= 4, `only ${loaded.map(([path]) => path)}`);
    assert.ok(total <= mostCompressedBytes, `${total} bytes: ${JSON.stringify(loaded)}`);
    for (const [path, , encoding] of loaded.filter(([path]) => /\.(js|css)$/.test(path)))
      assert.notEqual(encoding, "", `${path} travels compressed`);
    assert.deepEqual(foreign, []);
    await page.close();
  });
}

test("the page's policy lets no other script, style or address in", async () => {
  const page = await fixture.browser.newPage();
  await page.goto(`${fixture.proxy.url}/console/`);
  const expected = ["script-src-elem", "style-src-elem", "connect-src"];
  const refused = await page.evaluate(`(async () => {
    const refused = [];
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => refused.push(effectiveDirective));
    document.body.append(Object.assign(document.createElement("script"), { textContent: "window.inlined = true" }));
    document.body.append(Object.assign(document.createElement("script"), { src: "data:text/javascript,window.loaded=true" }));
    document.body.append(Object.assign(document.createElement("style"), { textContent: "body { color: red }" }));
    document.body.append(Object.assign(document.createElement("iframe"), { src: "about:blank" }));
    await fetch("http://localhost:9/").catch(() => {});
    const expected = ${JSON.stringify(expected)};
    const endMs = performance.now() + 30_000;
    while (!expected.every((each) => refused.includes(each)) && performance.now() < endMs)
      await new Promise((resolve) => setTimeout(resolve, 20));
    return { refused, inlined: window.inlined === true, loaded: window.loaded === true };
  })()`);
  const { refused: directives, ...ran } = refused as { readonly refused: readonly string[] };
  assert.deepEqual(ran, { inlined: false, loaded: false });
  for (const directive of expected)
    assert.ok(directives.includes(directive), `${directive} is not among ${directives}`);
  await page.close();
});
