import type { DescMessage, Registry } from "@bufbuild/protobuf";
import {
  AnySchema,
  BoolValueSchema,
  BytesValueSchema,
  DoubleValueSchema,
  DurationSchema,
  EmptySchema,
  FieldMaskSchema,
  FloatValueSchema,
  Int32ValueSchema,
  Int64ValueSchema,
  ListValueSchema,
  StringValueSchema,
  StructSchema,
  TimestampSchema,
  UInt32ValueSchema,
  UInt64ValueSchema,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";

const wrappers: readonly DescMessage[] = [
  DoubleValueSchema,
  FloatValueSchema,
  Int64ValueSchema,
  UInt64ValueSchema,
  Int32ValueSchema,
  UInt32ValueSchema,
  BoolValueSchema,
  StringValueSchema,
  BytesValueSchema,
];

const wrapperNames: ReadonlySet<string> = new Set(wrappers.map((desc) => desc.typeName));

/** Types that may stand in an `Any` whether or not the contract imports their file. */
const everywhere: ReadonlyMap<string, DescMessage> = new Map(
  [
    ...wrappers,
    AnySchema,
    DurationSchema,
    EmptySchema,
    FieldMaskSchema,
    ListValueSchema,
    StructSchema,
    TimestampSchema,
    ValueSchema,
  ].map((desc) => [desc.typeName, desc]),
);

/** `google.protobuf.Int32Value` and its kin, whose JSON form is the bare scalar. */
export function isWrapperType(typeName: string): boolean {
  return wrapperNames.has(typeName);
}

/** The message type that an `Any`'s `type_url` names, or undefined. */
export function findAnyType(typeUrl: string, registry: Registry): DescMessage | undefined {
  const typeName = typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
  return registry.getMessage(typeName) ?? everywhere.get(typeName);
}
