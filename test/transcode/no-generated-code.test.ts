import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startNode } from "../cli-process.ts";

const program = fileURLToPath(new URL("./calls-of-a-proxy.js", import.meta.url));

test("where the engine makes no code from text, a proxy answers the same", async () => {
  const flags = [[], ["--disallow-code-generation-from-strings"]];
  const [free, bound] = await Promise.all(
    flags.map(async (args) => {
      const { code, stdout, stderr } = await startNode([...args, program], undefined, { NODE_OPTIONS: "" })
        .ended;
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout) as {
        makesCode: boolean;
        replies: [path: string, status: number, text: string][];
      };
    }),
  );
  assert.equal(free?.makesCode, true);
  assert.equal(bound?.makesCode, false);
  assert.deepEqual(bound?.replies, free?.replies);
  assert.deepEqual(new Set(free?.replies.map(([, status]) => status)), new Set([200, 400, 404]));
});
