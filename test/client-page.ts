// Bundled into a page by client-browser.test.ts: gives the page's functions the client.
import * as octaneProxy from "../src/client/client.ts";

declare global {
  var octaneProxyClient: typeof octaneProxy;
}

globalThis.octaneProxyClient = octaneProxy;
