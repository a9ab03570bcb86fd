import type { Source } from "./sources.ts";

/** Which places look at which others, by name. */
export type Edges = ReadonlyMap<string, ReadonlySet<string>>;

/** The imports between files as edges between the places that these stand in. */
export function edgesBetween(
  sources: readonly Pick<Source, "name" | "imports">[],
  placeOf: (path: string) => string,
): Edges {
  const edges = new Map<string, Set<string>>();
  for (const { name, imports } of sources) {
    const from = placeOf(name);
    const to = edges.get(from) ?? new Set();
    edges.set(from, to);
    for (const place of imports.map((path) => placeOf(path))) if (place !== from) to.add(place);
  }
  return edges;
}

/** All that can be reached from a place. */
export function reachableFrom(start: string, edges: Edges): ReadonlySet<string> {
  const seen = new Set<string>();
  const next = [start];
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    for (const to of edges.get(at) ?? []) {
      if (seen.has(to)) continue;
      seen.add(to);
      next.push(to);
    }
  }
  return seen;
}
