import type { Point, Series } from "./series.ts";

const [WIDTH, HEIGHT] = [420, 300];
const PLOT = { left: 56, right: WIDTH - 56, top: 40, bottom: HEIGHT - 44 };
/** Both scales have as many decades, so that a slope of 1 looks the same in all. */
const [LATENCY, MEMORY] = [
  { from: 0, to: 4, color: "#0969da", value: (point: Point) => point.latencyMs },
  { from: 0, to: 4, color: "#bc4c00", value: (point: Point) => point.memoryMb },
];

/** Draws one panel for each series, two beside each other: both axes logarithmic, latency in ms to the left, memory in MB to the right. */
export function pictureOf(all: readonly Series[]): string {
  const rows = Math.ceil(all.length / 2);
  const panels = all.map((series, i) => {
    const at = `translate(${(i % 2) * WIDTH} ${Math.floor(i / 2) * HEIGHT})`;
    return `<g transform="${at}">${panelOf(series)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * WIDTH} ${rows * HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...panels,
    "</svg>\n",
  ].join("\n");
}

function panelOf({ size, latency, memory, points }: Series): string {
  const exponents = points.map((point) => Math.log10(point.size));
  const [from, to] = [Math.floor(Math.min(...exponents)), Math.ceil(Math.max(...exponents))];
  const x = (exponent: number): number => PLOT.left + ((exponent - from) / (to - from)) * (PLOT.right - PLOT.left);
  const y = (exponent: number): number =>
    PLOT.bottom - ((exponent - LATENCY.from) / (LATENCY.to - LATENCY.from)) * (PLOT.bottom - PLOT.top);
  const parts = [
    `<text x="${PLOT.left}" y="18" font-size="13" font-weight="bold" fill="#1f2328">${size}</text>`,
    `<text x="${PLOT.left}" y="33" fill="${LATENCY.color}">ms: ${latency}</text>`,
  ];
  for (let exponent = from; exponent <= to; exponent += 1) {
    const at = x(exponent).toFixed(1);
    parts.push(`<path d="M${at} ${PLOT.top}V${PLOT.bottom}" stroke="#d1d9e0"/>`);
    parts.push(
      `<text x="${at}" y="${PLOT.bottom + 16}" text-anchor="middle" fill="#59636e">${wordOf(exponent)}</text>`,
    );
  }
  for (let exponent = LATENCY.from; exponent <= LATENCY.to; exponent += 1) {
    const at = y(exponent).toFixed(1);
    parts.push(`<path d="M${PLOT.left} ${at}H${PLOT.right}" stroke="#d1d9e0"/>`);
    parts.push(
      `<text x="${PLOT.left - 6}" y="${at}" dy="4" text-anchor="end" fill="${LATENCY.color}">${wordOf(exponent)}</text>`,
    );
    parts.push(`<text x="${PLOT.right + 6}" y="${at}" dy="4" fill="${MEMORY.color}">${wordOf(exponent)}</text>`);
  }
  for (const { value, color } of [LATENCY, MEMORY]) {
    const places = points.flatMap((point) => {
      const found = value(point);
      return found === null ? [] : [[x(Math.log10(point.size)), y(Math.log10(Math.max(1, found)))] as const];
    });
    if (places.length === 0) continue;
    const path = places.map((place) => place.map((number) => number.toFixed(1)).join(" ")).join("L");
    parts.push(`<path d="M${path}" fill="none" stroke="${color}" stroke-width="2"/>`);
    for (const [cx, cy] of places)
      parts.push(`<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="3" fill="${color}"/>`);
  }
  parts.push(`<text x="${PLOT.right + 40}" y="33" text-anchor="end" fill="${MEMORY.color}">MB: ${memory}</text>`);
  return parts.join("\n");
}

const wordOf = (exponent: number): string => (10 ** exponent).toLocaleString("en");
