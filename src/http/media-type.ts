/** The media type of a Content-Type header without its parameters, in lower case; empty where there is none. */
export function mediaType(contentType: string | undefined): string {
  // As nearly every call sends it.
  if (contentType === "application/json") return contentType;
  return contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
}
