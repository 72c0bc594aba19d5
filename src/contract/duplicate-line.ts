import { protobufjs } from "./protobufjs.ts";

const openers = new Set(["message", "enum", "service", "oneof", "extend", "group"]);

/**
 * Line of the second declaration of `name` in `scope` (`octaneapi.ApiItem`, empty for the file itself);
 * undefined where there is none. The parser refuses duplicates without saying where they are.
 */
export function findDuplicateLine(text: string, name: string, scope: string): number | undefined {
  const wanted = scope.replace(/^\./, "");
  const tokens = protobufjs().tokenize(text, false);
  const path: string[] = [];
  let packageName = "";
  let seen = 0;
  let previous: string | null = null;
  let beforePrevious: string | null = null;
  for (let token = tokens.next(); token !== null; token = tokens.next()) {
    if (previous === "package") packageName = token;
    const declares = previous !== null && (openers.has(previous) || previous === "rpc");
    if (declares && token === name && isSameScope(path, packageName, wanted)) {
      seen++;
      if (seen === 2) return tokens.line;
    }
    if (token === "=" && (previous === name || /^-?\d/.test(name)) && beforePrevious !== "option") {
      const isMember = previous === name || tokens.peek() === name;
      if (isMember && isSameScope(path, packageName, wanted)) {
        seen++;
        if (seen === 2) return tokens.line;
      }
    }
    if (token === "{") path.push(beforePrevious === "oneof" ? "" : openedName(beforePrevious, previous));
    if (token === "}") path.pop();
    beforePrevious = previous;
    previous = token;
  }
  return undefined;
}

function openedName(keyword: string | null, name: string | null): string {
  return keyword !== null && openers.has(keyword) && name !== null ? name : "";
}

function isSameScope(path: readonly string[], packageName: string, wanted: string): boolean {
  const inner = path.filter((part) => part !== "").join(".");
  if (wanted === "" || wanted === "Root") return inner === "";
  const full = packageName === "" ? inner : inner === "" ? packageName : `${packageName}.${inner}`;
  // the parser names a type by its own name where its parent is not known yet
  return full === wanted || inner === wanted || inner.endsWith(`.${wanted}`);
}
