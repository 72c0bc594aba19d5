import { ProxyError, type Reason } from "../errors.ts";
import type { Dialect } from "./dialects.ts";
import { type JsonValue, shorten, showJson } from "./json-value.ts";

/** Messages inside each other, as protobuf libraries limit them. */
export const maxMessageDepth = 100;
const maxIgnored = 100;
const maxIgnoredLength = 200;

/** A key of a protobuf map, told apart from a field name. */
export class MapKey {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type PathSegment = string | number | MapKey;

/** State of one request's translation: where it is, what it may accept, what it left out. */
export class DecodeContext {
  readonly lenient: boolean;
  readonly strict: boolean;
  readonly ignoresUnknownEnumNames: boolean;
  /** Field names, list indexes and map keys from the root to the value being read. */
  readonly path: PathSegment[] = [];
  readonly ignored: string[] = [];
  depth = 0;

  constructor(dialect: Dialect, strict: boolean, ignoresUnknownEnumNames: boolean) {
    this.lenient = dialect.lenient;
    this.strict = strict;
    this.ignoresUnknownEnumNames = ignoresUnknownEnumNames;
  }

  /** Call before a message inside a message; the caller lowers `depth` afterwards. */
  enterMessage(): void {
    if (++this.depth > maxMessageDepth) {
      throw this.error(
        "invalid_field",
        `nested too deep: expected at most ${maxMessageDepth} messages inside each other`,
      );
    }
  }

  ignore(key: string): void {
    if (this.ignored.length >= maxIgnored) return;
    const path = renderPath([...this.path, key]);
    this.ignored.push(path.length > maxIgnoredLength ? `${path.slice(0, maxIgnoredLength)}…` : path);
  }

  /** What stands at the current path is not what the field takes. */
  invalid(expected: string, got: JsonValue, hint = ""): ProxyError {
    return this.error("invalid_field", `expected ${expected}, got ${showJson(got)}${hint}`);
  }

  error(reason: Reason, problem: string): ProxyError {
    const field = renderPath(this.path);
    if (field === "") return new ProxyError(reason, `the message: ${problem}`);
    return new ProxyError(reason, `field "${shorten(field)}": ${problem}`, { field });
  }
}

const plainName = /^[A-Za-z_$][A-Za-z0-9_$]*$/;
const extensionName = /^\[[A-Za-z_][A-Za-z0-9_.]*\]$/;

/** `camera.target[2]`, `options["a.b"]`: names as the client wrote them. */
export function renderPath(path: readonly PathSegment[]): string {
  let text = "";
  for (const segment of path) {
    if (typeof segment === "number") text += `[${segment}]`;
    else if (segment instanceof MapKey) text += `[${JSON.stringify(shorten(segment.text))}]`;
    else if (plainName.test(segment)) text += text === "" ? segment : `.${segment}`;
    else if (extensionName.test(segment)) text += segment;
    else text += `[${JSON.stringify(shorten(segment))}]`;
  }
  return text;
}
