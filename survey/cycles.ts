import { dirname } from "node:path";
import type { Source } from "./sources.ts";

/** Groups of folders each of which can be reached from each other by imports. */
export function cyclesOf(sources: readonly Pick<Source, "name" | "imports">[]): readonly string[] {
  const edges = new Map<string, Set<string>>();
  for (const { name, imports } of sources) {
    const from = dirname(name);
    const to = edges.get(from) ?? new Set();
    edges.set(from, to);
    for (const folder of imports.map((path) => dirname(path))) if (folder !== from) to.add(folder);
  }
  const reached = new Map([...edges.keys()].map((folder) => [folder, reachableFrom(folder, edges)]));
  const reaches = (from: string, to: string): boolean => reached.get(from)?.has(to) === true;
  const cycles = new Set<string>();
  for (const folder of edges.keys()) {
    if (!reaches(folder, folder)) continue;
    cycles.add([...edges.keys()].filter((other) => reaches(folder, other) && reaches(other, folder)).join(", "));
  }
  return [...cycles];
}

function reachableFrom(start: string, edges: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
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
