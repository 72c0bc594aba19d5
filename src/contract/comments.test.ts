import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AnyDesc, DescMessage } from "@bufbuild/protobuf";
import { createCommentFinder } from "./comments.ts";
import { poolFromFiles } from "./descriptor-pool.ts";
import { linkFiles } from "./link-files.ts";
import { parseProto } from "./parse-proto.ts";

const text = `
syntax = "proto3";
package a;

// A banner that belongs to nothing.

// Says hello.
// In two lines.
service Greeter {
  // One greeting.
  rpc greet(Request) returns (Outer.Reply);
  rpc silent(Request) returns (Request);
}

message Request {
  string bare = 1;
  /* Who is meant. */
  string name = 2;
  map<string, int32> counts = 3;
}

message Outer {
  // A reply.
  message Reply {
    // How warm.
    Warmth warmth = 1;
  }
  // Degrees.
  enum Warmth {
    COLD = 0;
    // Quite.
    WARM = 1;
  }
}
`;

function commentsOf(source: string): ReadonlyMap<string, string | undefined> {
  const pool = poolFromFiles(linkFiles([parseProto(source, "a.proto")]).files);
  const find = createCommentFinder();
  const all: AnyDesc[] = [...pool.registry].flatMap((desc): AnyDesc[] => [
    desc,
    ...(desc.kind === "service" ? desc.methods : []),
    ...(desc.kind === "message" ? (desc as DescMessage).fields : []),
    ...(desc.kind === "enum" ? desc.values : []),
  ]);
  return new Map(all.map((desc) => [desc.toString(), find(desc)]));
}

describe("comments", () => {
  test("are found for services, methods, messages, fields, enums and values", () => {
    const found = [...commentsOf(text)].filter(([, comment]) => comment !== undefined);
    assert.deepEqual(Object.fromEntries(found), {
      "service a.Greeter": "Says hello.\nIn two lines.",
      "rpc a.Greeter.greet": "One greeting.",
      "field a.Request.name": "Who is meant.",
      "message a.Outer.Reply": "A reply.",
      "field a.Outer.Reply.warmth": "How warm.",
      "enum a.Outer.Warmth": "Degrees.",
      "enum value a.Outer.Warmth.WARM": "Quite.",
    });
  });

  test("never stand at the wrong thing when another was left out of the file", () => {
    const broken = text.replace(
      "message Request {",
      "message Lost { Missing field = 1; }\nmessage Request {",
    );
    const comments = commentsOf(broken);
    assert.ok(comments.has("message a.Outer.Reply"));
    assert.deepEqual(
      [...comments.values()].filter((comment) => comment !== undefined),
      [],
    );
  });
});
