import { dirname } from "node:path";
import { edgesBetween, reachableFrom } from "./edges.ts";
import type { Source } from "./sources.ts";

/** Groups of folders each of which can be reached from each other by imports. */
export function cyclesOf(sources: readonly Pick<Source, "name" | "imports">[]): readonly string[] {
  const edges = edgesBetween(sources, dirname);
  const reached = new Map([...edges.keys()].map((folder) => [folder, reachableFrom(folder, edges)]));
  const reaches = (from: string, to: string): boolean => reached.get(from)?.has(to) === true;
  const cycles = new Set<string>();
  for (const folder of edges.keys()) {
    if (!reaches(folder, folder)) continue;
    cycles.add([...edges.keys()].filter((other) => reaches(folder, other) && reaches(other, folder)).join(", "));
  }
  return [...cycles];
}
