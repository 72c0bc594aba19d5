import { WireType } from "@bufbuild/protobuf/wire";
import { ProxyError } from "../errors.ts";
import type { Conversion, Converted } from "./generations.ts";
import { readFields, varintField, varintOf, type WireField, writeFields } from "./wire-fields.ts";

const nodeService = "/octaneapi.ApiNodeService";
const itemService = "/octaneapi.ApiItemService";
/** AttributeId of the value that a value node holds; the same number in both generations. */
const valueAttribute = 185;

/** A type that a pin's value can have: what each generation calls it. */
export interface PinType {
  /** As in Alpha 5's `getPinBool`. */
  readonly name: string;
  /** Member of Beta 2's oneof `value`. */
  readonly member: number;
  /** Beta 2's PinTypeId, for `expected_type`. */
  readonly pinTypeId: number;
  /** AttributeType that Alpha 5 gives for an attribute of this type. */
  readonly attributeType: number;
  readonly wireType: WireType;
}

const { Varint, Bit32, LengthDelimited } = WireType;

/** In the order in which Alpha 5 numbers its overloads. */
export const pinTypes: readonly PinType[] = [
  { name: "Bool", member: 10, pinTypeId: 1, attributeType: 1, wireType: Varint },
  { name: "Float", member: 17, pinTypeId: 9, attributeType: 6, wireType: Bit32 },
  { name: "Float2", member: 18, pinTypeId: 90, attributeType: 7, wireType: LengthDelimited },
  { name: "Float3", member: 19, pinTypeId: 11, attributeType: 8, wireType: LengthDelimited },
  { name: "Float4", member: 20, pinTypeId: 12, attributeType: 9, wireType: LengthDelimited },
  { name: "Int", member: 11, pinTypeId: 3, attributeType: 2, wireType: Varint },
  { name: "Int2", member: 12, pinTypeId: 4, attributeType: 3, wireType: LengthDelimited },
  { name: "Int3", member: 13, pinTypeId: 5, attributeType: 4, wireType: LengthDelimited },
  { name: "Int4", member: 14, pinTypeId: 6, attributeType: 5, wireType: LengthDelimited },
  { name: "Matrix", member: 21, pinTypeId: 13, attributeType: 13, wireType: LengthDelimited },
  { name: "String", member: 22, pinTypeId: 14, attributeType: 10, wireType: LengthDelimited },
  { name: "FilePath", member: 23, pinTypeId: 15, attributeType: 11, wireType: LengthDelimited },
];

/** How a pin is named in a call: field 2 of every request is its id, name or index. */
export interface PinKey {
  /** Ending of Beta 2's method: `getPinValueByPinID`. */
  readonly beta2: "ByPinID" | "ByName" | "ByIx";
  /** Ending of Alpha 5's plain family: `getPinFloat1`. */
  readonly plain: "" | "1" | "Ix";
  /** Ending of Alpha 5's overload for the type at `index` of `pinTypes`: `getPinValue13`, `getPinValueIx1`. */
  readonly overload: (index: number) => string;
}

export const pinKeys: readonly PinKey[] = [
  { beta2: "ByPinID", plain: "", overload: (index) => (index === 0 ? "" : String(index)) },
  { beta2: "ByName", plain: "1", overload: (index) => String(12 + index) },
  { beta2: "ByIx", plain: "Ix", overload: (index) => (index === 0 ? "Ix" : `Ix${index}`) },
];

/** Alpha 5's read of one type, asked of a Beta 2: the type becomes `expected_type`, the member the only field. */
export function readFromBeta2(key: PinKey, type: PinType): Conversion {
  return (wire) => ({
    path: `${nodeService}/getPinValue${key.beta2}`,
    wire: writeFields([...pinOf(readFields(wire, "malformed_message")), varintField(3, type.pinTypeId)]),
    reply: (replyWire) => {
      const fields = readFields(replyWire, "upstream_malformed");
      const member = lastMember(fields);
      if (member === undefined) return new Uint8Array();
      if (member !== type.member) {
        const held = pinTypes.find((each) => each.member === member)?.name ?? `member ${member}`;
        throw new ProxyError(
          "not_translatable",
          `the pin holds a value of type "${held}", not "${type.name}"; read it with "getPinValue${key.beta2}"`,
        );
      }
      return writeFields(renumber(fields, member, 1));
    },
  });
}

/** Alpha 5's write of one type, sent to a Beta 2, which reports a refusal inside its reply. */
export function writeToBeta2(key: PinKey, type: PinType): Conversion {
  return (wire) => {
    const fields = readFields(wire, "malformed_message");
    const value = renumber(fields, 3, type.member);
    return {
      path: `${nodeService}/setPinValue${key.beta2}`,
      wire: writeFields([
        ...pinOf(fields),
        // Absent is false in Alpha 5; in Beta 2 it would be Octane's own default.
        varintField(3, varintOf(fields, 4)),
        // A value at its default is not on Alpha 5's wire, but a oneof must say which member it is.
        ...(value.length > 0 ? value : [defaultValue(type)]),
      ]),
      reply: (replyWire) => {
        const reply = readFields(replyWire, "upstream_malformed");
        if (varintOf(reply, 1) !== 0) return new Uint8Array();
        const said = stringOf(reply, 2);
        throw new ProxyError("upstream_status", said === "" ? "Octane did not set the pin's value" : said, {
          code: "FAILED_PRECONDITION",
        });
      },
    };
  };
}

/** Beta 2's read, asked of an Alpha 5: the overload of the expected type, or of the type that the pin has. */
export function readFromAlpha5(key: PinKey): Conversion {
  return async (wire, ask) => {
    const fields = readFields(wire, "malformed_message");
    const expected = varintOf(fields, 3);
    const pin = pinOf(fields);
    const type = expected === 0 ? await typeOfPin(key, pin, ask) : typeWith("pinTypeId", expected);
    if (type === undefined) {
      throw new ProxyError(
        "not_translatable",
        expected === 0
          ? `Octane 2026.1 Alpha 5 reads pins by type, and this pin's type cannot be told; name it in "expected_type"`
          : `Octane 2026.1 Alpha 5 has no way to read a pin as PinTypeId ${expected}`,
        { field: "expected_type" },
      );
    }
    return {
      path: `${nodeService}/getPinValue${key.overload(pinTypes.indexOf(type))}`,
      wire: writeFields(pin),
      reply: (replyWire) => {
        const value = renumber(readFields(replyWire, "upstream_malformed"), 1, type.member);
        return writeFields(value.length > 0 ? value : [defaultValue(type)]);
      },
    };
  };
}

/** Beta 2's write, sent to an Alpha 5: the overload of the value's type; its OK without content means success. */
export function writeToAlpha5(key: PinKey): Conversion {
  return (wire): Converted => {
    const fields = readFields(wire, "malformed_message");
    const member = lastMember(fields);
    const type = member === undefined ? undefined : typeWith("member", member);
    if (member === undefined || type === undefined) {
      throw new ProxyError(
        "not_translatable",
        member === undefined
          ? `the request has no value, and Octane 2026.1 Alpha 5 writes pins by type; expected one of "bool_value", "int_value", "float_value", …`
          : `Octane 2026.1 Alpha 5 has no pin values of type "long" or "long2"; use "int_value" or "int2_value"`,
        { field: "value" },
      );
    }
    const hasEvaluate = fields.some((field) => field.number === 3);
    return {
      path: `${nodeService}/setPinValue${key.overload(pinTypes.indexOf(type))}`,
      wire: writeFields([
        ...pinOf(fields),
        ...renumber(fields, member, 3),
        // Where Beta 2's optional field is absent, Octane evaluates, as its API does by default.
        varintField(4, hasEvaluate ? varintOf(fields, 3) : 1),
      ]),
      reply: () => writeFields([varintField(1, 1)]),
    };
  };
}

/** The type of the value node on the pin: two reads. Undefined where nothing with a value is connected. */
async function typeOfPin(
  key: PinKey,
  pin: readonly WireField[],
  ask: (path: string, wire: Uint8Array) => Promise<Uint8Array>,
): Promise<PinType | undefined> {
  const enterWrapperNode = varintField(3, 1);
  const path = `${nodeService}/connectedNode${key.plain}`;
  const connected = readFields(
    await ask(path, writeFields([...pin, enterWrapperNode])),
    "upstream_malformed",
  );
  const node = renumber(connected, 1, 1);
  if (node.length === 0) return undefined;
  const question = writeFields([...node, varintField(2, valueAttribute)]);
  const answer = readFields(await ask(`${itemService}/attrType`, question), "upstream_malformed");
  return typeWith("attributeType", varintOf(answer, 1));
}

function typeWith(property: "member" | "pinTypeId" | "attributeType", number: number): PinType | undefined {
  return pinTypes.find((type) => type[property] === number);
}

/** The node and the pin: fields 1 and 2 of every request of both generations. */
function pinOf(fields: readonly WireField[]): WireField[] {
  return fields.filter(({ number }) => number === 1 || number === 2);
}

/** Number of the oneof's member that counts: the last on the wire. Beta 2's members are 10 to 23. */
function lastMember(fields: readonly WireField[]): number | undefined {
  return fields.findLast(({ number }) => number >= 10 && number <= 23)?.number;
}

function renumber(fields: readonly WireField[], from: number, to: number): WireField[] {
  return fields.filter(({ number }) => number === from).map((field) => ({ ...field, number: to }));
}

function defaultValue({ member, wireType }: PinType): WireField {
  return { number: member, wireType, raw: new Uint8Array(wireType === Bit32 ? 4 : 1) };
}

function stringOf(fields: readonly WireField[], number: number): string {
  const field = fields.findLast((each) => each.number === number && each.wireType === LengthDelimited);
  if (field === undefined) return "";
  // The length prefix is a varint: its last byte is the first without the high bit.
  const prefix = field.raw.findIndex((byte) => byte < 0x80) + 1;
  return new TextDecoder().decode(field.raw.subarray(prefix));
}
