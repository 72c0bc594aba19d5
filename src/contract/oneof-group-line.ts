import { protobufjs } from "./protobufjs.ts";

/** Line of the first group that stands in a oneof; undefined where there is none. */
export function findOneofGroupLine(text: string): number | undefined {
  const tokens = protobufjs().tokenize(text, false);
  const isOneof: boolean[] = [];
  let previous: string | null = null;
  let beforePrevious: string | null = null;
  for (let token = tokens.next(); token !== null; token = tokens.next()) {
    const beginsMember = previous === "{" || previous === ";" || previous === "}";
    if (token === "group" && beginsMember && isOneof.at(-1) === true) return tokens.line;
    if (token === "{") isOneof.push(beforePrevious === "oneof");
    if (token === "}") isOneof.pop();
    beforePrevious = previous;
    previous = token;
  }
  return undefined;
}
