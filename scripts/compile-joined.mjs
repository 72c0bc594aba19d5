// Starts the joined program once, makes a call, and keeps what V8 compiled for that beside it.
import { rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { codeCacheOf, loadJoined } from "../bin/load-joined.js";

const file = fileURLToPath(new URL("../dist/start/program.cjs", import.meta.url));
rmSync(codeCacheOf(file), { force: true });
const { program, script } = loadJoined(file);
const code = await program.runCommandLine(
  ["--port", "0", "--octane", "127.0.0.1:9", "--log-level", "error"],
  {
    environment: {},
    workingDirectory: process.cwd(),
    warn: (line) => console.error(line),
    async print(line) {
      // It is answered that Octane is not there, once all is loaded.
      await fetch(`${line.split(" ").at(-1)}/LiveLink/GetCamera`, { method: "POST", body: "{}" });
      // The program has set this flag; compiled code is taken only where V8's flags are those with which it was made. That
      // it is taken is what src/cli/executable.test.ts sees to.
      setFlagsFromString("--heap-growing-percent=0");
      writeFileSync(codeCacheOf(file), script.createCachedData());
      process.exit(0);
    },
  },
);
process.exit(code === 0 ? 1 : code);
