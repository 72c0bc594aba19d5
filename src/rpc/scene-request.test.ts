import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ProxyError } from "../errors.ts";
import { maxSceneDepth, parseSceneRequest, sceneFields } from "./scene-request.ts";

suite("a request for the scene", () => {
  for (const [name, body, expected] of [
    ["an empty body as everything", "", { root: undefined, depth: maxSceneDepth, fields: [...sceneFields] }],
    [
      "absent and null members alike",
      '{"root":null,"depth":null,"fields":null}',
      { root: undefined, depth: maxSceneDepth, fields: [...sceneFields] },
    ],
    ["a handle as text", '{"root":"1000025"}', { root: "1000025" }],
    ["a handle as number, digit by digit", '{"root":18446744073709551615}', { root: "18446744073709551615" }],
    ["a reference as replies have it", '{"root":{"handle":"7","type":"ApiNode"}}', { root: "7" }],
    ["a depth", '{"depth":0}', { depth: 0 }],
    ["parts to show", '{"fields":["name","info","name"]}', { fields: ["name", "info"] }],
    ["no parts at all", '{"fields":[]}', { fields: [] }],
  ] as const) {
    test(`takes ${name}`, () => {
      const { root, depth, fields } = parseSceneRequest(Buffer.from(body));
      const read: Record<string, unknown> = { root, depth, fields: [...fields] };
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(read[key], value, key);
    });
  }

  for (const [name, body, reason, field] of [
    ["a list", "[]", "invalid_field", undefined],
    ["broken JSON", "{", "malformed_json", undefined],
    ["an unknown member", '{"deep":1}', "unknown_field", "deep"],
    ["a negative depth", '{"depth":-1}', "invalid_field", "depth"],
    ["half a level", '{"depth":1.5}', "invalid_field", "depth"],
    ["too many levels", '{"depth":501}', "invalid_field", "depth"],
    ["a depth as text", '{"depth":"2"}', "invalid_field", "depth"],
    ["the null handle", '{"root":"0"}', "invalid_field", "root"],
    ["a handle past 64 bits", '{"root":"18446744073709551616"}', "invalid_field", "root"],
    ["a name for a handle", '{"root":"teapot"}', "invalid_field", "root"],
    ["true for a handle", '{"root":true}', "invalid_field", "root"],
    ["a reference without a handle", '{"root":{"type":16}}', "invalid_field", "root.handle"],
    ["parts as text", '{"fields":"name"}', "invalid_field", "fields"],
    ["an unknown part", '{"fields":["name","nam"]}', "invalid_field", "fields[1]"],
  ] as const) {
    test(`refuses ${name}`, () => {
      assert.throws(
        () => parseSceneRequest(Buffer.from(body)),
        (error) => {
          assert.ok(error instanceof ProxyError);
          assert.deepEqual([error.reason, error.field], [reason, field]);
          return true;
        },
      );
    });
  }
});
