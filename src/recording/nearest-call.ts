import { suggestName } from "../suggest-name.ts";
import type { StoredBody } from "./body-store.ts";
import type { CallIndex } from "./call-matcher.ts";
import { compareFields, type FieldDifference, type FieldReader } from "./field-differences.ts";
import type { RecordedCall, Recording } from "./recording.ts";

/** Why a call has no answer: what came nearest, in what it differs, and what to do. */
export interface Miss {
  readonly code: "NOT_FOUND" | "FAILED_PRECONDITION";
  readonly message: string;
}

const maxCompared = 2_000;
const maxComparedBytes = 64 * 1024;
const maxShown = 3;

/** For a path that was not called while the recording ran. */
export function missedPath(path: string, index: CallIndex, file: string): Miss {
  const method = methodOf(path);
  const sameMethod = index.paths.find((other) => methodOf(other) === method);
  const nearest = sameMethod ?? suggestName(path, index.paths);
  const hint = nearest === undefined ? "" : `; the nearest that was called is ${nearest}`;
  return {
    code: "NOT_FOUND",
    message: `the recording has no call of ${path}${hint}. ${advice(file)}`,
  };
}

/** For a request that differs from all recorded ones of its path. */
export async function missedRequest(
  path: string,
  request: Uint8Array | undefined,
  {
    recording,
    index,
    file,
    fields,
  }: { recording: Recording; index: CallIndex; file: string; fields: FieldReader },
): Promise<Miss> {
  const candidates = await distinctRequests(index.ofPath(path) ?? [], recording);
  const nearest = request === undefined ? undefined : findNearest(path, request, candidates, fields);
  const how =
    nearest === undefined
      ? `it was recorded with ${candidates.length} other ${candidates.length === 1 ? "request" : "requests"}`
      : `the nearest of ${candidates.length} recorded ones differs in ${nearest}`;
  return {
    code: "FAILED_PRECONDITION",
    message: `the recording has no call of ${path} with this request: ${how}. ${advice(file)}`,
  };
}

function advice(file: string): string {
  return `Record a session that makes this call, or see what there is with: octane-proxy replay ${file} --list`;
}

function methodOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

async function distinctRequests(calls: readonly RecordedCall[], recording: Recording): Promise<Buffer[]> {
  const bodies = new Map<string, StoredBody>();
  for (const { events } of calls) {
    const first = events.find((event) => event.kind === "request");
    if (first !== undefined && bodies.size < maxCompared) bodies.set(first.digest, first.body);
  }
  const small = [...bodies.values()].filter(({ length }) => length <= maxComparedBytes);
  return await Promise.all(small.map((body) => recording.read(body)));
}

/** In what the nearest differs, as text. */
function findNearest(
  path: string,
  request: Uint8Array,
  candidates: readonly Buffer[],
  fields: FieldReader,
): string | undefined {
  const asked = request.length <= maxComparedBytes ? fields(path, request) : undefined;
  if (asked !== undefined) {
    const compared = candidates.flatMap((candidate) => {
      const recorded = fields(path, candidate);
      return recorded === undefined ? [] : [compareFields(asked, recorded)];
    });
    const best = leastBy(compared, (differences) => differences.length);
    if (best !== undefined && best.length > 0) return showDifferences(best);
  }
  const best = leastBy(candidates, (candidate) => -commonPrefix(request, candidate));
  if (best === undefined) return undefined;
  return `its bytes from ${commonPrefix(request, best)} on (${request.length} bytes asked, ${best.length} recorded)`;
}

function showDifferences(differences: readonly FieldDifference[]): string {
  const shown = differences
    .slice(0, maxShown)
    .map(({ path, asked, recorded }) => `"${path}" (asked ${asked}, recorded ${recorded})`);
  const more = differences.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function leastBy<T>(items: readonly T[], weigh: (item: T) => number): T | undefined {
  let best: { item: T; weight: number } | undefined;
  for (const item of items) {
    const weight = weigh(item);
    if (best === undefined || weight < best.weight) best = { item, weight };
  }
  return best?.item;
}

function commonPrefix(one: Uint8Array, other: Uint8Array): number {
  let length = 0;
  while (length < one.length && length < other.length && one[length] === other[length]) length += 1;
  return length;
}
