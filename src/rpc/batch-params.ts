import { ProxyError } from "../errors.ts";
import { type JsonValue, NumberText } from "../transcode/json-value.ts";
import { type ParamTemplate, Reference } from "./batch-reference.ts";

/**
 * JSON text of params with every reference replaced, numbers digit by digit as they came.
 * @throws ProxyError `body_too_large` when it is longer than `maxChars`, and what `resolve` throws
 */
export function writeParams(
  template: ParamTemplate,
  resolve: (reference: Reference) => JsonValue,
  maxChars: number,
): string {
  const chunks: string[] = [];
  let chars = 0;
  const put = (text: string): void => {
    chars += text.length;
    if (chars > maxChars) {
      throw new ProxyError(
        "body_too_large",
        `with the values that it refers to, the request message is longer than ${maxChars} characters`,
      );
    }
    chunks.push(text);
  };
  const write = (value: ParamTemplate): void => {
    if (value instanceof Reference) write(resolve(value));
    else if (value === null || typeof value !== "object" || value instanceof NumberText)
      put(writeScalar(value));
    else if (isList(value)) writeAll("[", value, () => "", "]");
    else writeAll("{", value.values, (index) => `${JSON.stringify(value.keys[index])}:`, "}");
  };
  const writeAll = (
    start: string,
    values: readonly ParamTemplate[],
    keyOf: (index: number) => string,
    end: string,
  ): void => {
    put(start);
    for (const [index, value] of values.entries()) {
      put(`${index > 0 ? "," : ""}${keyOf(index)}`);
      write(value);
    }
    put(end);
  };
  write(template);
  return chunks.join("");
}

function writeScalar(value: null | boolean | string | number | NumberText): string {
  if (value instanceof NumberText) return value.text;
  // JSON.stringify writes -0 as 0.
  return Object.is(value, -0) ? "-0" : JSON.stringify(value);
}

function isList(value: object): value is readonly ParamTemplate[] {
  return Array.isArray(value);
}
