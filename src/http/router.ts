/** Anything that has a path pattern: routes and upgrade routes. */
interface Routed {
  readonly path: string;
}

export interface Match<T> {
  /** Everything registered for the pattern that matched, in the order given; never empty. */
  readonly entries: readonly T[];
  readonly params: ReadonlyMap<string, string>;
}

export interface Router<T> {
  /** Literal segments win over `:name` parameters, from left to right; a parameter never matches an empty segment. */
  find(segments: readonly string[]): Match<T> | undefined;
  /** Registered paths, for suggestions. */
  readonly paths: readonly string[];
}

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  parameter: Node<T> | undefined;
  readonly entries: { readonly item: T; readonly names: readonly string[] }[];
}

const noParams: ReadonlyMap<string, string> = new Map();

/** A router over fixed paths and `:name` patterns; names from outside are only ever Map keys. */
export function createRouter<T extends Routed>(items: Iterable<T>): Router<T> {
  const root = createNode<T>();
  const paths = new Set<string>();
  for (const item of items) {
    paths.add(item.path);
    insert(root, item);
  }
  return {
    paths: [...paths],
    find(segments) {
      const values: string[] = [];
      const node = findNode(root, segments, 0, values);
      if (node === undefined) return undefined;
      const entries = node.entries.map((entry) => entry.item);
      const names = node.entries[0]?.names ?? [];
      if (names.length === 0) return { entries, params: noParams };
      return { entries, params: new Map(names.map((name, index) => [name, values[index] ?? ""])) };
    },
  };
}

function createNode<T>(): Node<T> {
  return { literals: new Map(), parameter: undefined, entries: [] };
}

function insert<T extends Routed>(root: Node<T>, item: T): void {
  const names: string[] = [];
  let node = root;
  for (const segment of item.path === "/" ? [] : item.path.slice(1).split("/")) {
    if (segment.startsWith(":")) {
      names.push(segment.slice(1));
      node.parameter ??= createNode();
      node = node.parameter;
      continue;
    }
    let next = node.literals.get(segment);
    if (next === undefined) {
      next = createNode();
      node.literals.set(segment, next);
    }
    node = next;
  }
  node.entries.push({ item, names });
}

function findNode<T>(
  node: Node<T>,
  segments: readonly string[],
  index: number,
  values: string[],
): Node<T> | undefined {
  const segment = segments[index];
  if (segment === undefined) return node.entries.length > 0 ? node : undefined;
  const literal = node.literals.get(segment);
  if (literal !== undefined) {
    const found = findNode(literal, segments, index + 1, values);
    if (found !== undefined) return found;
  }
  if (node.parameter === undefined || segment === "") return undefined;
  values.push(segment);
  const found = findNode(node.parameter, segments, index + 1, values);
  if (found === undefined) values.pop();
  return found;
}
