import { isLoopback } from "../options.ts";
import { type Command, exitCodes } from "./command.ts";
import { relaxGarbageCollection } from "./garbage-collection.ts";
import { explainListenFailure } from "./listen-failure.ts";
import { namingSettings, readProxyOptions } from "./proxy-options.ts";
import { createStopSignal } from "./stop-signal.ts";
import { userCacheDir } from "./user-cache-dir.ts";

/** Runs the proxy until it is told to stop. */
export const serve: Command = {
  name: "serve",
  summary: "runs the proxy (the default)",
  description:
    "Runs the proxy until SIGINT (Ctrl+C) or SIGTERM; it then finishes what it has begun and ends with 0. A second " +
    "signal ends it at once. It prints one line to standard output when it listens; the log goes to standard " +
    "error.\nEvery option can also come from the environment (--max-body is OCTANE_PROXY_MAX_BODY) or from a " +
    "config file (maxBody); flags win over environment, environment over file.",
  examples: [
    { line: "octane-proxy", does: "serves http://127.0.0.1:51023 for an Octane on this machine" },
    { line: "octane-proxy --simulator", does: "works without Octane: a simulator takes its place" },
    { line: "octane-proxy --octane 192.168.1.20:51022", does: "for an Octane on another machine" },
    {
      line: "octane-proxy --octane studio=192.168.1.20:51022 --octane laptop=127.0.0.1:51022",
      does: "for two Octanes, under /octanes/studio and /octanes/laptop; the first also at /",
    },
    { line: "octane-proxy --static ./dist --port 8080", does: "serves your front end beside the API" },
    {
      line: "octane-proxy --host 0.0.0.0 --allow-host render-box --token-file token.txt",
      does: "serves other machines, which must know the token",
    },
  ],
  async run({ settings, environment, print, warn }) {
    relaxGarbageCollection();
    const stop = createStopSignal();
    const options = readProxyOptions(settings, environment);
    options.cacheDir ??= userCacheDir(environment);
    const { host = "127.0.0.1", port = 51023, allowHost = [] } = options;
    if (!isLoopback(host) && allowHost.length === 0) {
      warn(
        `octane-proxy: listening on ${host}, but only requests to loopback names are answered: ` +
          "add --allow-host with the name that clients use",
      );
    }
    const { openProxy } = await import("../proxy.ts");
    const proxy = await openProxy(options).catch((error: unknown) => {
      throw namingSettings(settings, () => {
        throw explainListenFailure(error, { host, port });
      });
    });
    print(`octane-proxy listening on ${proxy.url}`);
    await Promise.all([stop.received, proxy.parts]);
    await proxy.close();
    stop.dispose();
    return exitCodes.done;
  },
};
