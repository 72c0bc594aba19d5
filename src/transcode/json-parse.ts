import { isUtf8 } from "node:buffer";
import { ProxyError } from "../errors.ts";
import { invalidUtf8 } from "./invalid-utf8.ts";
import { JsonObject, type JsonValue, NumberText, shorten } from "./json-value.ts";

/** Arrays and objects inside each other; far above what any message of permitted depth needs. */
const maxJsonDepth = 300;
/** A decimal of this many digits survives a JavaScript number unchanged. */
const exactNumberLength = 15;

/**
 * Parses UTF-8 JSON strictly (RFC 8259, plus a leading byte order mark). `undefined` when there is only white space.
 * `depth`: arrays and objects that the value is in.
 * @throws ProxyError `malformed_json`, with the byte offset of invalid UTF-8, else line and column.
 */
export function parseJson(bytes: Uint8Array, depth = 0): JsonValue | undefined {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const body = hasMark ? bytes.subarray(3) : bytes;
  if (!isUtf8(body)) throw invalidUtf8(bytes);
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
  const parser = new Parser(text, depth);
  return parser.parse();
}

class Parser {
  private readonly text: string;
  private pos = 0;
  private depth: number;
  /** What ends a run of plain characters in a string. */
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  private readonly stringEnd = /["\\\x00-\x1f]/g;

  constructor(text: string, depth: number) {
    this.text = text;
    this.depth = depth;
  }

  parse(): JsonValue | undefined {
    this.skipSpace();
    if (this.pos === this.text.length) return undefined;
    const value = this.value();
    this.skipSpace();
    if (this.pos < this.text.length) throw this.unexpected("the end of the text");
    return value;
  }

  private value(): JsonValue {
    const { text } = this;
    const code = text.charCodeAt(this.pos);
    switch (code) {
      case 0x22:
        return this.string();
      case 0x7b:
        return this.object();
      case 0x5b:
        return this.array();
      case 0x74:
        return this.word("true", true);
      case 0x66:
        return this.word("false", false);
      case 0x6e:
        return this.word("null", null);
      default:
        if (code === 0x2d || (code >= 0x30 && code <= 0x39)) return this.number();
        throw this.unexpected("a value");
    }
  }

  private word<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.pos)) throw this.unexpected("a value");
    this.pos += word.length;
    return value;
  }

  private object(): JsonObject {
    const { text } = this;
    const object = new JsonObject();
    this.enter();
    this.pos++;
    this.skipSpace();
    if (text.charCodeAt(this.pos) === 0x7d) {
      this.pos++;
      this.depth--;
      return object;
    }
    for (;;) {
      if (text.charCodeAt(this.pos) !== 0x22) {
        throw this.unexpected(
          object.keys.length === 0 ? 'a key in double quotes or "}"' : "a key in double quotes",
        );
      }
      object.keys.push(this.string());
      this.skipSpace();
      if (text.charCodeAt(this.pos) !== 0x3a) throw this.unexpected('":"');
      this.pos++;
      this.skipSpace();
      object.values.push(this.value());
      this.skipSpace();
      const code = text.charCodeAt(this.pos);
      if (code === 0x7d) break;
      if (code !== 0x2c) throw this.unexpected('"," or "}"');
      this.pos++;
      this.skipSpace();
    }
    this.pos++;
    this.depth--;
    return object;
  }

  private array(): JsonValue[] {
    const { text } = this;
    const array: JsonValue[] = [];
    this.enter();
    this.pos++;
    this.skipSpace();
    if (text.charCodeAt(this.pos) === 0x5d) {
      this.pos++;
      this.depth--;
      return array;
    }
    for (;;) {
      array.push(this.value());
      this.skipSpace();
      const code = text.charCodeAt(this.pos);
      if (code === 0x5d) break;
      if (code !== 0x2c) throw this.unexpected('"," or "]"');
      this.pos++;
      this.skipSpace();
    }
    this.pos++;
    this.depth--;
    return array;
  }

  private enter(): void {
    if (++this.depth > maxJsonDepth) {
      throw this.failure(`nested too deep: expected at most ${maxJsonDepth} levels of arrays and objects`);
    }
  }

  private number(): number | NumberText {
    const { text } = this;
    const start = this.pos;
    let isPlain = true;
    if (text.charCodeAt(this.pos) === 0x2d) this.pos++;
    if (text.charCodeAt(this.pos) === 0x30) {
      this.pos++;
      if (isDigit(text.charCodeAt(this.pos))) throw this.failure("a number must not start with a zero");
    } else this.digits();
    if (text.charCodeAt(this.pos) === 0x2e) {
      this.pos++;
      this.digits();
    }
    if ((text.charCodeAt(this.pos) | 0x20) === 0x65) {
      isPlain = false;
      this.pos++;
      const sign = text.charCodeAt(this.pos);
      if (sign === 0x2b || sign === 0x2d) this.pos++;
      this.digits();
    }
    const token = text.slice(start, this.pos);
    return isPlain && token.length <= exactNumberLength ? Number(token) : new NumberText(token);
  }

  private digits(): void {
    const { text } = this;
    if (!isDigit(text.charCodeAt(this.pos))) throw this.unexpected("a digit");
    do this.pos++;
    while (isDigit(text.charCodeAt(this.pos)));
  }

  private string(): string {
    const { text } = this;
    const start = this.pos + 1;
    let pos = start;
    for (; ; pos++) {
      const code = text.charCodeAt(pos);
      if (code === 0x22) break;
      if (code === 0x5c || !(code >= 0x20)) return this.stringSlowly(start, pos);
      // long runs, such as base64, are left to the engine
      if (pos - start === 64) return this.longString(start, pos);
    }
    this.pos = pos + 1;
    return text.slice(start, pos);
  }

  private longString(start: number, from: number): string {
    const { text } = this;
    this.stringEnd.lastIndex = from;
    const found = this.stringEnd.exec(text);
    const end = found === null ? text.length : found.index;
    if (text.charCodeAt(end) !== 0x22) return this.stringSlowly(start, end);
    this.pos = end + 1;
    return text.slice(start, end);
  }

  /** From the first escape (or forbidden character) at `pos` on. */
  private stringSlowly(start: number, pos: number): string {
    const { text } = this;
    let result = text.slice(start, pos);
    for (;;) {
      this.pos = pos;
      const code = text.charCodeAt(pos);
      if (code === 0x22) {
        this.pos = pos + 1;
        return result;
      }
      if (code === 0x5c) {
        result += this.escape();
        pos = this.pos;
        continue;
      }
      if (pos >= text.length) throw this.failure("expected a closing double quote, got the end of the text");
      if (code < 0x20) {
        throw this.failure(`expected an escape such as \\n, got the control character ${hex(code)}`);
      }
      this.stringEnd.lastIndex = pos;
      const found = this.stringEnd.exec(text);
      const end = found === null ? text.length : found.index;
      result += text.slice(pos, end);
      pos = end;
    }
  }

  private escape(): string {
    const { text } = this;
    const code = text.charCodeAt(this.pos + 1);
    if (code === 0x75) {
      const unit = this.hexUnit();
      if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
      if (unit > 0xdbff || text.charCodeAt(this.pos) !== 0x5c || text.charCodeAt(this.pos + 1) !== 0x75) {
        throw this.failure(`expected a pair of surrogates, got the lone surrogate \\u${unit.toString(16)}`);
      }
      const low = this.hexUnit();
      if (low < 0xdc00 || low > 0xdfff) {
        throw this.failure(`expected a pair of surrogates, got \\u${unit.toString(16)} alone`);
      }
      return String.fromCharCode(unit, low);
    }
    const escaped = escapes.get(code);
    if (escaped === undefined) {
      this.pos++;
      throw this.unexpected('an escape character ("\\/bfnrtu)');
    }
    this.pos += 2;
    return escaped;
  }

  private hexUnit(): number {
    const digits = this.text.slice(this.pos + 2, this.pos + 6);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.failure("expected four hexadecimal digits after \\u");
    this.pos += 6;
    return Number.parseInt(digits, 16);
  }

  private skipSpace(): void {
    const { text } = this;
    for (;;) {
      const code = text.charCodeAt(this.pos);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.pos++;
    }
  }

  private unexpected(expected: string): ProxyError {
    if (this.pos >= this.text.length) return this.failure(`expected ${expected}, got the end of the text`);
    const word = /[A-Za-z0-9_$]+/y;
    word.lastIndex = this.pos;
    const got = word.exec(this.text)?.[0] ?? String.fromCodePoint(this.text.codePointAt(this.pos) ?? 0);
    const shown = got === '"' ? "a string" : JSON.stringify(shorten(got));
    return this.failure(`expected ${expected}, got ${shown}`);
  }

  private failure(problem: string): ProxyError {
    const { text, pos } = this;
    let line = 1;
    let lineStart = 0;
    for (let i = 0; i < pos; i++) {
      if (text.charCodeAt(i) !== 0x0a) continue;
      line++;
      lineStart = i + 1;
    }
    const column = pos - lineStart + 1;
    return new ProxyError("malformed_json", `malformed JSON at line ${line}, column ${column}: ${problem}`);
  }
}

const escapes = new Map<number, string>([
  [0x22, '"'],
  [0x5c, "\\"],
  [0x2f, "/"],
  [0x62, "\b"],
  [0x66, "\f"],
  [0x6e, "\n"],
  [0x72, "\r"],
  [0x74, "\t"],
]);

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function hex(code: number): string {
  return `0x${code.toString(16).padStart(2, "0")}`;
}
