/** What the source of an encoder depends on, per field: numbers and our own words only, never a name of a contract. */
export interface EncodeField {
  readonly number: number;
  readonly form: EncodeForm;
  /** Left out at its zero, for which there is no presence on the wire. */
  readonly omitsZero: boolean;
  /** Index of its oneof, or -1. */
  readonly oneof: number;
  /** `,"oneof":"member"` follows the value. */
  readonly hasSuffix: boolean;
  /** Something is written when the field is unset. */
  readonly hasUnset: boolean;
}

export type EncodeForm =
  | { readonly kind: "scalar"; readonly value: EncodeValue }
  | { readonly kind: "message" }
  | { readonly kind: "list"; readonly value: EncodeValue }
  | { readonly kind: "messageList" }
  /** Maps, groups, well-known types and closed enums are the interpreter's. */
  | { readonly kind: "interpreted" };

/** How one value is written: with a function of `encode-values.ts`. */
export interface EncodeValue {
  readonly wireType: 0 | 1 | 2 | 5;
  readonly writer: string;
  /** True for a value that is left out where there is no presence. */
  readonly isZero: string;
  readonly isEnum: boolean;
}

/**
 * The source of a function that gives the encoder of a message type. It reads all tags first, noting where values lie,
 * then writes the fields in their order. Constants by field index: K key, X suffix, U unset text, E enum names,
 * M encoder of a message type, F interpreter of a field. `test/transcode/compiled-source.golden.txt` shows one.
 */
export function encoderSource(fields: readonly EncodeField[]): string {
  return `${constants(fields)}
return function encode(s, pos, end, depth) {
  if (depth > maxDepth) throw notFast;
  const { wire } = s;
${variables(fields)}
  while (pos < end) {
    const at = pos;
    let tag = wire[pos++];
    if (tag > 127) { pos = longTag(s, pos, tag); tag = s.tag; }
    switch (tag) {
${fields.map(readCase).join("")}
      default: pos = pastUnknown(wire, pos, tag);
    }
  }
  if (pos !== end) throw notFast;
  const start = s.at;
${fields.map(writeField).join("")}
  close(s, start, 123);
};`;
}

function constants(fields: readonly EncodeField[]): string {
  const names = fields.flatMap(({ form, hasSuffix, hasUnset }, i) => {
    const list = [`K${i} = K[${i}]`];
    if (hasSuffix) list.push(`X${i} = X[${i}]`);
    if (hasUnset) list.push(`U${i} = U[${i}]`);
    if ("value" in form && form.value.isEnum) list.push(`E${i} = E[${i}]`);
    if (form.kind === "message" || form.kind === "messageList") list.push(`M${i} = M[${i}]`);
    if (form.kind === "interpreted") list.push(`F${i} = F[${i}]`);
    return list;
  });
  return names.map((name) => `const ${name};`).join("\n");
}

/** Where values lie: p and e begin and end of a value or a run of items, r and t of packed items, q interpreted ones. */
function variables(fields: readonly EncodeField[]): string {
  const names = fields.flatMap(({ form }, i) => {
    if (form.kind === "interpreted") return [`q${i}`];
    if (form.kind === "scalar") return [`p${i} = -1`];
    const run = [`p${i} = -1`, `e${i} = -1`];
    return form.kind === "list" && form.value.wireType !== 2 ? [...run, `r${i} = 0`, `t${i} = 0`] : run;
  });
  const oneofs = new Set(fields.map(({ oneof }) => oneof).filter((oneof) => oneof >= 0));
  for (const oneof of oneofs) names.push(`o${oneof} = -1`);
  return names.length === 0 ? "" : `  let ${names.join(", ")};`;
}

function readCase(field: EncodeField, i: number): string {
  const { form, number } = field;
  const once =
    field.oneof < 0
      ? ""
      : `if (o${field.oneof} >= 0 && o${field.oneof} !== ${i}) throw notFast; o${field.oneof} = ${i}; `;
  const caseOf = (wireType: number) => `      case ${tagOf(number, wireType)}:`;
  switch (form.kind) {
    case "scalar":
      return `${caseOf(form.value.wireType)} ${once}p${i} = pos; ${past(form.value.wireType)} break;\n`;
    case "message":
      // a message may come in pieces, which merge
      return `${caseOf(2)} ${once}if (p${i} >= 0) throw notFast; p${i} = pos; ${past(2)} e${i} = pos; p${i} = pos - varint32(wire, p${i}); break;\n`;
    case "messageList":
      return `${caseOf(2)} ${run(i, number, 2)} ${past(2)} e${i} = pos; break;\n`;
    case "list": {
      const { wireType } = form.value;
      const unpacked = `${caseOf(wireType)} ${wireType === 2 ? "" : `if (r${i} > 0) throw notFast; `}${run(i, number, wireType)} ${past(wireType)} e${i} = pos; break;\n`;
      if (wireType === 2) return unpacked;
      const whole =
        wireType === 0 ? "" : ` if ((t${i} - r${i}) % ${wireType === 1 ? 8 : 4} !== 0) throw notFast;`;
      return `${unpacked}${caseOf(2)} if (p${i} >= 0 || r${i} > 0) throw notFast; r${i} = pos; ${past(2)} t${i} = pos; r${i} = pos - varint32(wire, r${i});${whole} break;\n`;
    }
    case "interpreted":
      return `${[0, 1, 2, 3, 5].map(caseOf).join("\n")} ${once}(q${i} ??= []).push(pos, tag & 7); pos = pastAny(s, pos, tag); break;\n`;
  }
}

/** Items must follow one another, with tags of the usual length, so that the second pass needs no look at others. */
function run(i: number, number: number, wireType: number): string {
  return `if (pos - at !== ${tagLength(number, wireType)}) throw notFast; if (p${i} < 0) p${i} = at; else if (e${i} !== at) throw notFast;`;
}

function past(wireType: number): string {
  switch (wireType) {
    case 0:
      return "if (wire[pos++] > 127) pos = pastVarint(wire, pos - 1);";
    case 1:
      return "pos += 8;";
    case 5:
      return "pos += 4;";
    default:
      return "pos = pastBytes(wire, pos);";
  }
}

function writeField(field: EncodeField, i: number): string {
  const { form } = field;
  const unset = field.hasUnset ? ` else fragment(s, U${i});` : "";
  const suffix = field.hasSuffix ? ` fragment(s, X${i});` : "";
  const open = `fragment(s, K${i});`;
  switch (form.kind) {
    case "scalar": {
      const isSet = `p${i} >= 0${field.omitsZero ? ` && !${form.value.isZero}(s, p${i})` : ""}`;
      return `  if (${isSet}) { ${open} ${call(form.value, i, `p${i}`)};${suffix} }${unset}\n`;
    }
    case "message":
      return `  if (p${i} >= 0) { ${open} M${i}.run(s, p${i}, e${i}, depth + 1);${suffix} }${unset}\n`;
    case "messageList":
      return `  if (p${i} >= 0) {
    ${open}
    const list = s.at;
    for (let i = p${i}; i < e${i}; ) {
      i += ${tagLength(field.number, 2)};
      const next = pastBytes(wire, i);
      comma(s);
      M${i}.run(s, next - varint32(wire, i), next, depth + 1);
      i = next;
    }
    close(s, list, 91);
  }${unset}\n`;
    case "list":
      return writeList(field, form.value, i, open, unset);
    case "interpreted":
      return `  if (q${i} !== undefined && interpretField(s, F${i}, K${i}, q${i}, depth)) {${suffix} }${unset}\n`;
  }
}

function writeList(field: EncodeField, value: EncodeValue, i: number, open: string, unset: string): string {
  const item = (pos: string) => `comma(s); i = ${call(value, i, pos)};`;
  const list = (items: string) => `{ ${open} const list = s.at; ${items} close(s, list, 91); }`;
  const run = list(
    `for (let i = p${i}; i < e${i}; ) { ${item(`i + ${tagLength(field.number, value.wireType)}`)} }`,
  );
  if (value.wireType === 2) return `  if (p${i} >= 0) ${run}${unset}\n`;
  const packed = list(`let i = r${i}; while (i < t${i}) { ${item("i")} } if (i !== t${i}) throw notFast;`);
  return `  if (r${i} < t${i}) ${packed}\n  else if (p${i} >= 0) ${run}${unset}\n`;
}

function call(value: EncodeValue, i: number, pos: string): string {
  return value.isEnum ? `enumName(s, ${pos}, E${i})` : `${value.writer}(s, ${pos})`;
}

/** A field's number and wire type as the wire has them. */
export function tagOf(number: number, wireType: number): number {
  return ((number << 3) | wireType) >>> 0;
}

/** Bytes that a tag usually takes. */
export function tagLength(number: number, wireType: number): number {
  const tag = tagOf(number, wireType);
  return tag < 0x80 ? 1 : tag < 0x4000 ? 2 : tag < 0x200000 ? 3 : tag < 0x10000000 ? 4 : 5;
}
