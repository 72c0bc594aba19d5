import type { Method, Service } from "./method.ts";

/**
 * The methods in whose name, or service's name, every word occurs, by service; services without any are left out.
 * A method whose name is or begins with the text comes first. A query of no words finds everything.
 */
export function findMethods(services: readonly Service[], query: string): readonly Service[] {
  const words = query
    .toLowerCase()
    .split(/[\s/.]+/)
    .filter((word) => word !== "");
  if (words.length === 0) return services;
  const found = services.flatMap((service) => {
    const serviceName = service.fullName.toLowerCase();
    const methods = service.methods
      .map((method) => ({ method, rank: rankOf(method.name.toLowerCase(), serviceName, words) }))
      .filter(({ rank }) => rank > 0)
      .sort((left, right) => right.rank - left.rank);
    const best = methods[0];
    return best === undefined
      ? []
      : [{ service, methods: methods.map(({ method }) => method), rank: best.rank }];
  });
  return found
    .sort((left, right) => right.rank - left.rank)
    .map(({ service, methods }) => ({ ...service, methods }));
}

/** 0 for a method that is not meant; the higher, the better it fits. */
function rankOf(name: string, serviceName: string, words: readonly string[]): number {
  if (!words.every((word) => name.includes(word) || serviceName.includes(word))) return 0;
  const last = words.at(-1) ?? "";
  if (name === last) return 4;
  if (name.startsWith(last)) return 3;
  return words.some((word) => name.includes(word)) ? 2 : 1;
}

/** How many methods there are in all. */
export function countMethods(services: readonly Service[]): number {
  return services.reduce(
    (sum, { methods }: { readonly methods: readonly Method[] }) => sum + methods.length,
    0,
  );
}
