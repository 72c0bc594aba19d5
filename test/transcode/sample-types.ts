import type { DescMessage, FileRegistry } from "@bufbuild/protobuf";
import { poolFromFiles } from "../../src/contract/descriptor-pool.ts";
import { linkFiles } from "../../src/contract/link-files.ts";
import { parseProto } from "../../src/contract/parse-proto.ts";
import { wellKnownFiles } from "../../src/contract/well-known-files.ts";

/** One of everything that JSON mapping has to know about. */
export const sampleProto = `
syntax = "proto3";
package sample;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";

enum Priority { PRIORITY_LOW = 0; PRIORITY_MEDIUM = 1; PRIORITY_HIGH = 2; }
enum Kind { ApiFileName = 0; ApiItem = 16; ApiRootNodeGraph = 18; }
enum Alias { option allow_alias = true; ALIAS_NONE = 0; ALIAS_FIRST = 1; ALIAS_SECOND = 1; }
enum Mixed { MIX_A = 0; mix_a = 2; A = 3; Mix_b = 4; MIX_B = 5; }

message Ref { uint64 handle = 1; Kind type = 2; }
message Vector { float x = 1; float y = 2; float z = 3; }

message Scalars {
  double double_value = 1;
  float float_value = 2;
  int32 int32_value = 3;
  int64 int64_value = 4;
  uint32 uint32_value = 5;
  uint64 uint64_value = 6;
  sint32 sint32_value = 7;
  sint64 sint64_value = 8;
  fixed32 fixed32_value = 9;
  fixed64 fixed64_value = 10;
  sfixed32 sfixed32_value = 11;
  sfixed64 sfixed64_value = 12;
  bool bool_value = 13;
  string string_value = 14;
  bytes bytes_value = 15;
  Priority priority = 16;
  Kind kind = 17;
  Mixed mixed = 18;
}

message Shapes {
  Vector position = 1;
  repeated int32 numbers = 2;
  repeated Vector targets = 3;
  map<string, string> options = 4;
  map<int32, Vector> by_number = 5;
  map<bool, Priority> by_flag = 6;
  map<uint64, double> by_handle = 7;
  optional int32 maybe = 8;
  optional Vector maybe_vector = 9;
  oneof value { string text = 10; int32 number = 11; Vector vector = 12; Priority level = 13; bool flag = 14; }
  repeated Priority levels = 15;
  repeated string names = 16;
  Shapes child = 17;
  string after = 18;
  repeated Shapes children = 19;
  repeated float weights = 20 [packed = false];
}

message Known {
  google.protobuf.Timestamp time = 1;
  google.protobuf.Duration span = 2;
  google.protobuf.FieldMask mask = 3;
  google.protobuf.Struct struct = 4;
  google.protobuf.Value value = 5;
  google.protobuf.ListValue list = 6;
  google.protobuf.Any any = 7;
  google.protobuf.Empty empty = 8;
  google.protobuf.Int64Value int64 = 9;
  google.protobuf.BoolValue bool = 10;
  google.protobuf.StringValue string = 11;
  google.protobuf.BytesValue bytes = 12;
  google.protobuf.FloatValue float = 13;
  google.protobuf.NullValue null = 14;
  repeated google.protobuf.Value values = 15;
  repeated google.protobuf.Timestamp times = 16;
}

message ItemRequest { Ref item_ref = 1; int32 attribute_id = 2; }
message PinRequest { Ref nodePinInfoRef = 1; Ref item_ref = 2; }
message ChoiceRequest { oneof receiver { Ref item_ref = 1; int32 attribute_id = 2; } }
message ValueRequest { google.protobuf.Value item_ref = 1; }
message OwnRequest { Ref objectPtr = 1; Ref item_ref = 2; }
message Aliased { Alias alias = 1; }
message NoReceiver { int32 id = 1; }
`;

/** What only proto2 has. */
export const legacyProto = `
syntax = "proto2";
package legacy;
enum Closed { CLOSED_ONE = 1; CLOSED_TWO = 2; }
message Old {
  optional int32 count = 1 [default = 7];
  optional Closed closed = 2 [default = CLOSED_TWO];
  optional string name = 3;
  optional group Part = 4 { optional int32 size = 1; optional Old inner = 2; }
  repeated int32 list = 5;
  extensions 100 to 200;
}
extend Old { optional string note = 100; repeated int32 marks = 101; }
`;

/** The registry of both files and the well-known types they import. */
export function sampleRegistry(): FileRegistry {
  const files = [parseProto(sampleProto, "sample.proto"), parseProto(legacyProto, "legacy.proto")];
  const linked = linkFiles([...wellKnownFiles().values(), ...files]);
  if (linked.leftOut.length > 0) throw new Error(linked.leftOut.map(({ reason }) => reason).join("\n"));
  return poolFromFiles(linked.files).registry;
}

/** A message type of a registry. */
export function messageType(registry: FileRegistry, name: string): DescMessage {
  const found = registry.getMessage(name);
  if (found === undefined) throw new Error(`no message type ${name}`);
  return found;
}
