import type { CallFacts, CallHeaders } from "./call-log.ts";

/** What a call was sent with and answered with, besides bodies. */
export type CallHead = Pick<CallFacts, "id" | "httpVersion" | "target" | "origin"> & {
  readonly requestHeaders: CallHeaders;
  /** By name. */
  readonly replyHeaders: CallHeaders;
};

/** HTTP allows it in no text of a head. */
const separator = "\0";
/** No header has it, so that it tells request's and reply's headers apart. */
const noName = "";

/** All texts of a head in one, of Latin-1 as HTTP's are: many small ones that are kept make each collection of young objects dear. */
export function joinHead(call: Omit<CallHead, "replyHeaders"> & Pick<CallFacts, "replyHeaders">): string {
  const { id, httpVersion, target, origin, requestHeaders, replyHeaders } = call;
  let text = id + separator + httpVersion + separator + target + separator;
  if (origin !== undefined) text += `=${origin}`;
  text = joinHeaders(text, requestHeaders) + separator + noName;
  if (!isInTurn(replyHeaders)) return joinHeaders(text, replyHeaders);
  for (let index = 0; index < replyHeaders.length; index++) text += separator + replyHeaders[index];
  return text;
}

/** The head that was joined; header names in lower case, and values of a name that came several times in a list. */
export function splitHead(text: string): CallHead {
  const [id = "", httpVersion = "", target = "", origin = "", ...fields] = text.split(separator);
  const requestEnd = fields.findIndex((name, index) => index % 2 === 0 && name === noName);
  return {
    id,
    httpVersion,
    target,
    origin: origin === "" ? undefined : origin.slice(1),
    requestHeaders: byName(fields.slice(0, requestEnd)),
    replyHeaders: byName(fields.slice(requestEnd + 1)),
  };
}

function joinHeaders(start: string, headers: CallHeaders): string {
  let text = start;
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    if (typeof value === "string") text += separator + name + separator + value;
    else for (const each of [value].flat()) text += separator + name + separator + each;
  }
  return text;
}

function byName(fields: readonly string[]): CallHeaders {
  const headers = new Map<string, string | string[]>();
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = (fields[index] as string).toLowerCase();
    const value = fields[index + 1] as string;
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(headers);
}

function isInTurn(headers: CallFacts["replyHeaders"]): headers is readonly string[] {
  return Array.isArray(headers);
}
