import { edgesBetween, reachableFrom } from "./edges.ts";
import type { Room } from "./rooms.ts";
import type { Source } from "./sources.ts";

/** So many rooms of a room stand beside each other in its box. */
const IN_A_ROW = 2;

const floorOf = (path: string): string => path.split("/")[0] ?? "";

/**
 * The rooms as Mermaid draws them, which GitHub shows: a room within another one stands in that one's box. An arrow is left out where others
 * lead to the same room.
 */
export function drawingOf(rooms: readonly Room[], sources: readonly Pick<Source, "name" | "imports">[]): string {
  const names = rooms.toReversed().map(({ name }) => name);
  const edges = edgesBetween(sources, floorOf);
  const boxes = [...Map.groupBy(names, floorOf)].map(([floor, all]) => `  ${floor}["${labelOf(floor, all)}"]`);
  const arrows = [...new Set(names.map(floorOf))].flatMap((from) => {
    const direct = [...(edges.get(from) ?? [])].toSorted();
    const beyond = new Set(direct.flatMap((to) => [...reachableFrom(to, edges)]));
    return direct.filter((to) => !beyond.has(to)).map((to) => `  ${from} --> ${to}`);
  });
  return ["```mermaid", "flowchart TB", ...boxes, ...arrows, "```", ""].join("\n");
}

function labelOf(floor: string, rooms: readonly string[]): string {
  const within = [...new Set(rooms.flatMap((name) => name.split("/")[1] ?? []))];
  const rows = Array.from({ length: Math.ceil(within.length / IN_A_ROW) }, (_, i) =>
    within.slice(i * IN_A_ROW, (i + 1) * IN_A_ROW).join(" · "),
  );
  return [`<b>${floor}</b>`, ...rows].join("<br/>");
}
