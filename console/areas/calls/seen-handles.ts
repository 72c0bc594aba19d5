/** A handle of Octane's that went through the console. */
export interface SeenHandle {
  readonly handle: string;
  readonly type: string | undefined;
  /** As the scene has it, or where the handle was seen. */
  readonly name: string;
}

export const mostHandles = 300;
const mostVisited = 20_000;

/** The handles that a reply holds, each once, in its order; of a very large reply those at its beginning. */
export function findHandles(reply: unknown, origin: string): readonly SeenHandle[] {
  const found = new Map<string, SeenHandle>();
  const waiting: unknown[] = [reply];
  for (let visited = 0; waiting.length > 0 && visited < mostVisited; visited++) {
    const node = waiting.pop();
    if (typeof node !== "object" || node === null) continue;
    const { handle, type } = node as { readonly handle?: unknown; readonly type?: unknown };
    if (typeof handle === "string" && /^[1-9]\d*$/.test(handle)) {
      found.set(handle, { handle, type: typeof type === "string" ? type : undefined, name: origin });
    }
    waiting.push(...Object.values(node).slice(0, mostHandles).reverse());
  }
  return [...found.values()].slice(0, mostHandles);
}

/** The newest first, each handle once. */
export function addHandles(
  known: readonly SeenHandle[],
  found: readonly SeenHandle[],
): readonly SeenHandle[] {
  const fresh = new Set(found.map(({ handle }) => handle));
  return [...found, ...known.filter(({ handle }) => !fresh.has(handle))].slice(0, mostHandles);
}
