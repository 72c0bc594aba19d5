import type { DescFile } from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  file_google_protobuf_any,
  file_google_protobuf_api,
  file_google_protobuf_descriptor,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_source_context,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_type,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";

/** The `google/protobuf/*.proto` files that come with the program, by import path. */
export function wellKnownFiles(): ReadonlyMap<string, FileDescriptorProto> {
  const files: DescFile[] = [
    file_google_protobuf_any,
    file_google_protobuf_api,
    file_google_protobuf_descriptor,
    file_google_protobuf_duration,
    file_google_protobuf_empty,
    file_google_protobuf_field_mask,
    file_google_protobuf_source_context,
    file_google_protobuf_struct,
    file_google_protobuf_timestamp,
    file_google_protobuf_type,
    file_google_protobuf_wrappers,
  ];
  return new Map(files.map((file) => [`${file.name}.proto`, file.proto]));
}

/** Whether a path below a user's directory is one of those files, which are then not read from there. */
export function isWellKnownPath(path: string): boolean {
  return /(^|\/)google\/protobuf\/(any|api|descriptor|duration|empty|field_mask|source_context|struct|timestamp|type|wrappers)\.proto$/.test(
    path,
  );
}
