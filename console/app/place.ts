export const areaNames = ["viewport", "scene", "calls", "traffic", "status"] as const;
export type AreaName = (typeof areaNames)[number];

/** A place in the console, as the address has it: `#/calls/LiveLinkService/GetCamera?tab=json`. */
export interface Place {
  readonly area: AreaName;
  /** What stands behind the area, decoded. */
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

export interface Destination {
  readonly area: AreaName;
  readonly path?: readonly string[];
  readonly query?: Readonly<Record<string, string | undefined>>;
}

/** For links: `<a href={formatPlace({ area: "calls", path: [service, method] })}>`. */
export function formatPlace({ area, path = [], query = {} }: Destination): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const parameters = new URLSearchParams(given).toString();
  const segments = [area, ...path].map(encodeURIComponent).join("/");
  return `#/${segments}${parameters === "" ? "" : `?${parameters}`}`;
}

/** What cannot be read leads to the viewport. */
export function parsePlace(hash: string): Place {
  const [pathText = "", queryText = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const [first = "", ...path] = pathText.split("/").map(decodeSegment);
  const area = areaNames.find((name) => name === first);
  if (area === undefined) return { area: "viewport", path: [], query: {} };
  return {
    area,
    path: path.filter((segment) => segment !== ""),
    query: Object.fromEntries(new URLSearchParams(queryText)),
  };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // A percent sign that begins no escape stands for itself.
    return segment;
  }
}
