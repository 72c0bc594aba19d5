/** What the source of a decoder depends on, per field: numbers and our own words only, never a name of a contract. */
export interface DecodeField {
  readonly form: DecodeForm;
  /** Its zero is not written, having no presence on the wire. */
  readonly skipsZero: boolean;
  /** Index of its oneof, or -1. */
  readonly oneof: number;
  /** JSON null is a value of this type, not an absent field. */
  readonly takesNull: boolean;
}

export type DecodeForm =
  | { readonly kind: "scalar"; readonly value: DecodeValue }
  | { readonly kind: "message" }
  | { readonly kind: "list"; readonly value: DecodeValue; readonly isPacked: boolean }
  | { readonly kind: "messageList" }
  /** Maps, groups, well-known types and closed enums are the interpreter's. */
  | { readonly kind: "interpreted" };

/** How one value is read: with a function of `decode-values.ts`. */
export interface DecodeValue {
  readonly reader: string;
  readonly isEnum: boolean;
}

const bitsPerWord = 30;

/**
 * The source of a function that gives the decoder of a message type: it reads a JSON object from its opening brace on and
 * gives the position behind it. Constants by field index: T tag, E enum names, M decoder of a message type, F interpreter
 * of a field; KEYS holds the names. `test/transcode/compiled-source.golden.txt` shows one.
 */
export function decoderSource(fields: readonly DecodeField[]): string {
  return `${constants(fields)}
return function decode(s, start, depth, keys = KEYS) {
  const { json } = s;
  if (json[start] !== 123 || depth > maxDepth) throw notFast;
${variables(fields)}
  let key = keys.start;
  let pos = s.pastSpace(start + 1);
  if (json[pos] === 125) return pos + 1;
  for (;;) {
    key = memberKey(s, keys, pos, key);
    pos = s.next;
    const mark = s.at;
    let next = -1;
    switch (key.slot) {
${fields.map(readCase).join("")}
    }
    pos = s.pastSpace(next < 0 ? interpretField(s, F[key.slot], pos, mark, depth) : next);
    if (json[pos] === 125) return pos + 1;
    if (json[pos] !== 44) throw notFast;
    pos = s.pastSpace(pos + 1);
  }
};`;
}

function constants(fields: readonly DecodeField[]): string {
  const names = fields.flatMap(({ form }, i) => {
    const list = form.kind === "interpreted" ? [] : [`T${i} = T[${i}]`];
    if ("value" in form && form.value.isEnum) list.push(`E${i} = E[${i}]`);
    if (form.kind === "message" || form.kind === "messageList") list.push(`M${i} = M[${i}]`);
    return list;
  });
  return names.map((name) => `const ${name};`).join("\n");
}

/** Words of bits for the fields that were met, and a flag for each oneof of which a member was. */
function variables(fields: readonly DecodeField[]): string {
  const words = Array.from({ length: Math.ceil(fields.length / bitsPerWord) }, (_, i) => `seen${i} = 0`);
  const oneofs = [...new Set(fields.map(({ oneof }) => oneof))].filter((oneof) => oneof >= 0);
  const names = [...words, ...oneofs.map((oneof) => `o${oneof} = false`)];
  return names.length === 0 ? "" : `  let ${names.join(", ")};`;
}

function readCase(field: DecodeField, i: number): string {
  const word = `seen${Math.floor(i / bitsPerWord)}`;
  const bit = 2 ** (i % bitsPerWord);
  // of several values for a field or a oneof the dialect decides
  const once = `if (${word} & ${bit}) throw notFast; ${word} |= ${bit};`;
  const isSet = field.takesNull ? "" : "if (json[pos] !== 110) ";
  const member =
    field.oneof < 0 ? "" : ` ${isSet}{ if (o${field.oneof}) throw notFast; o${field.oneof} = true; }`;
  return `      case ${i}: ${once}${member} ${readField(field, i)} break;\n`;
}

function readField({ form, skipsZero }: DecodeField, i: number): string {
  switch (form.kind) {
    case "scalar":
      return `tag(s, T${i}); next = ${call(form.value, i, "pos")};${skipsZero ? " if (s.isZero) s.at = mark;" : ""}`;
    case "message":
      return `if (json[pos] === 123) { tag(s, T${i}); const from = fork(s); next = M${i}.run(s, pos, depth + 1); join(s, from); }`;
    case "messageList":
      return list(
        `tag(s, T${i}); const from = fork(s); next = M${i}.run(s, next, depth + 1); join(s, from);`,
      );
    case "list":
      if (!form.isPacked)
        return list(`tag(s, T${i}); next = ${call(form.value, i, "next")}; if (next < 0) break;`);
      return list(`item(s); next = ${call(form.value, i, "next")}; if (next < 0) break;`, [
        `tag(s, T${i}); const packed = fork(s);`,
        "join(s, packed);",
      ]);
    case "interpreted":
      return "";
  }
}

/** Reads the items of an array, of which each ends at `next`. */
function list(item: string, [before, after]: readonly [string, string] = ["", ""]): string {
  return `if (json[pos] === 91) {
        next = s.pastSpace(pos + 1);
        if (json[next] === 93) next++;
        else {
          ${before}
          for (;;) {
            ${item}
            next = s.pastSpace(next);
            if (json[next] === 93) { next++; break; }
            if (json[next] !== 44) throw notFast;
            next = s.pastSpace(next + 1);
          }
          ${after}
        }
      }`;
}

function call(value: DecodeValue, i: number, pos: string): string {
  return value.isEnum ? `enumName(s, ${pos}, E${i})` : `${value.reader}(s, ${pos})`;
}
