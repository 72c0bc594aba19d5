import { canonicalDialect, type Dialect, envelopeDialect, plainDialect } from "../transcode/dialects.ts";

/** The shape of a message's JSON that a schema describes: a direction and what the dialect decides. */
export interface SchemaForm {
  /** Ends the component's name; starts with `-`, which no protobuf name has. */
  readonly suffix: string;
  readonly direction: "request" | "reply";
  readonly fieldNames: Dialect["fieldNames"];
  readonly defaults: Dialect["defaults"];
  readonly oneofCase: boolean;
}

/** How a call's document names a protocol: the two JSON routes and Connect. */
export type DialectName = "envelope" | "plain" | "connect";

/** Every dialect of the document, in the order in which it lists them. */
export const dialectNames: readonly DialectName[] = ["envelope", "plain", "connect"];

const dialects: Readonly<Record<DialectName, Dialect>> = {
  envelope: envelopeDialect,
  plain: plainDialect,
  connect: canonicalDialect,
};

/** Requests may have fields under either name; the schema shows those that the dialect's replies have. */
export function requestForm(name: DialectName): SchemaForm {
  const { fieldNames } = dialects[name];
  return {
    suffix: fieldNames === "json" ? "-request-camel" : "-request",
    direction: "request",
    fieldNames,
    defaults: "omit",
    oneofCase: false,
  };
}

/** Replies, as exactly as the dialect writes them. */
export function replyForm(name: DialectName): SchemaForm {
  const { fieldNames, defaults, oneofCase } = dialects[name];
  const suffix = defaults === "write" ? "-reply-full" : fieldNames === "json" ? "-reply-camel" : "-reply";
  return { suffix, direction: "reply", fieldNames, defaults, oneofCase };
}

/** The same form for a message that looks alike under proto and JSON names: one schema then serves both. */
export function withProtoNames(form: SchemaForm): SchemaForm {
  if (form.fieldNames === "proto") return form;
  return { ...form, suffix: form.suffix.replace("-camel", ""), fieldNames: "proto" };
}
