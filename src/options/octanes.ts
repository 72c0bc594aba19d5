import { join, parse } from "node:path";
import { OptionError } from "./option-error.ts";
import { octaneType, splitOctane } from "./value-types.ts";

/** What the options say of one Octane. */
export interface OctaneOptions {
  /** `default` where none was given. */
  readonly name: string;
  /** `host:port`; undefined: where Octane usually is. */
  readonly address: string | undefined;
  /** Its own where there are several, as are the following. */
  readonly record: string | undefined;
  readonly recordDir: string | undefined;
  readonly exportDir: string | undefined;
}

/** The first is the default. */
export type Octanes = readonly [OctaneOptions, ...OctaneOptions[]];

/** Absolute paths for whatever Octane there is. */
export interface SharedPaths {
  readonly record: string | undefined;
  readonly recordDir: string | undefined;
  readonly exportDir: string | undefined;
}

/**
 * The Octanes that the option names, never none. Of several each has files of its own: its name is put into the path.
 * @throws OptionError
 */
export function resolveOctanes(given: unknown, shared: SharedPaths): Octanes {
  const [first, ...others] = readOctanes(given);
  if (others.length === 0) return Object.freeze([Object.freeze({ ...first, ...shared })]);
  const { record, recordDir, exportDir } = shared;
  const withPaths = (octane: NamedAddress): OctaneOptions =>
    Object.freeze({
      ...octane,
      record: record === undefined ? undefined : withName(record, octane.name),
      recordDir: recordDir === undefined ? undefined : join(recordDir, octane.name),
      exportDir: exportDir === undefined ? undefined : join(exportDir, octane.name),
    });
  return Object.freeze([withPaths(first), ...others.map(withPaths)]);
}

interface NamedAddress {
  readonly name: string;
  readonly address: string | undefined;
}

const defaultName = "default";

function readOctanes(given: unknown): readonly [NamedAddress, ...NamedAddress[]] {
  const texts: readonly unknown[] = Array.isArray(given) ? given : given === undefined ? [] : [given];
  const [first, ...others] = texts.map((text) => splitOctane(checked(text)));
  if (first === undefined) return [{ name: defaultName, address: undefined }];
  if (others.length === 0) return [{ name: first.name ?? defaultName, address: first.address }];
  // Without case: the names also tell files apart, and not every file system knows the difference.
  const names = new Set<string>();
  const named = ({ name, address }: ReturnType<typeof splitOctane>): NamedAddress => {
    if (name === undefined) {
      throw new OptionError(
        "octane",
        address,
        `a name for each Octane where there are several, such as studio=${address}`,
      );
    }
    if (names.has(name.toLowerCase())) {
      throw new OptionError("octane", `${name}=${address}`, "a name that no other Octane has, in any case");
    }
    names.add(name.toLowerCase());
    return { name, address };
  };
  return [named(first), ...others.map(named)];
}

function checked(text: unknown): string {
  const value = octaneType.take(text);
  if (value === undefined) throw new OptionError("octane", text, octaneType.accepted);
  return value;
}

/** `session.rec` becomes `session.studio.rec`. */
function withName(file: string, name: string): string {
  const { dir, name: stem, ext } = parse(file);
  return join(dir, `${stem}.${name}${ext}`);
}
