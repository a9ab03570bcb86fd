/** A metric: its type, and the labels that its samples have, in order of the alphabet. */
export interface MetricShape {
  readonly type: string;
  readonly labels: readonly string[];
}

/** The metrics in Prometheus' text format; `le` is no label of anybody's. */
export function shapesIn(text: string): ReadonlyMap<string, MetricShape> {
  const shapes = new Map<string, MetricShape>();
  for (const [, name = "", type = ""] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    const samples = text.matchAll(new RegExp(`^${name}(?:_bucket|_sum|_count)?\\{(.*)\\} \\S+$`, "gm"));
    const labels = [...samples].flatMap(([, pairs = ""]) => labelsIn(pairs).map(({ label }) => label));
    shapes.set(name, { type, labels: [...new Set(labels)].filter((label) => label !== "le").toSorted() });
  }
  return shapes;
}

/** What stands between braces, of a sample as of an expression. */
export const labelsIn = (pairs: string): { readonly label: string; readonly value: string }[] =>
  [...pairs.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"((?:\\.|[^"\\])*)"/g)].map(([, label = "", value = ""]) => ({
    label,
    value,
  }));

/** A metric that an expression of PromQL uses. */
export interface MetricUse {
  /** Without what a histogram adds to it. */
  readonly name: string;
  readonly matchers: ReturnType<typeof labelsIn>;
  /** By which the expression groups. */
  readonly groups: readonly string[];
}

/** The metrics that an expression uses. */
export function usesIn(expression: string): MetricUse[] {
  const groups = [...expression.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)].flatMap(([, names = ""]) =>
    names.split(",").map((name) => name.trim()),
  );
  return [...expression.matchAll(/\b((?:valvomo|nodejs|process)_\w+|up\b)(?:\{([^}]*)\})?/g)].map(
    ([, name = "", pairs = ""]) => ({
      name: name.replace(/_(bucket|sum|count)$/, ""),
      matchers: labelsIn(pairs),
      groups,
    }),
  );
}
