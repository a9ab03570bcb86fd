import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import type { Decision } from "../src/alarms/cards/decide.ts";
import type { Severity } from "../src/alarms/types.ts";
import type { LaneStep } from "../src/dispatch/plan-step.ts";
import type { LaneMeter } from "../src/dispatch/tally.ts";
import type { OutboxKind } from "../src/store/outbox.ts";
import type { WriteResult } from "../src/thingspeak/writer.ts";
import type { CallResult } from "../src/telegram/api/api-health.ts";
import { labelsIn, shapesIn, usesIn, type MetricShape } from "./support/metrics.ts";
import { startMetrics, type StartedMetrics } from "./support/started-metrics.ts";

const read = (path: string): string => readFileSync(join(import.meta.dirname, "..", path), "utf8");

/** All that there is of each kind: the compiler sees to that. */
const STEPS: Record<LaneStep["kind"], true> = {
  call: true,
  settle: true,
  putOff: true,
  park: true,
  fail: true,
  leaveAlone: true,
  awaitTurn: true,
  rest: true,
};
const SEVERITIES: Record<Severity, true> = { info: true, warning: true, error: true, critical: true };
const RESULTS: Record<CallResult, true> = { ok: true, limited: true, refused: true, failed: true, unanswered: true };
const OUTGOING: Record<OutboxKind, true> = { mqtt: true, secondTopic: true, secondUrl: true };
const TO_THINGSPEAK: Record<Exclude<WriteResult["kind"], "taken" | "refused">, true> = { later: true, unknown: true };
const WHATS: Record<Parameters<LaneMeter["retried"]>[0], true> = { card: true, board: true };
const WHYS: Record<Exclude<Parameters<LaneMeter["retried"]>[1], "done">, true> = {
  limited: true,
  unavailable: true,
  markup: true,
  tooLong: true,
  gone: true,
  unreachable: true,
  closed: true,
  refused: true,
  parked: true,
};
const DECISIONS: Record<Decision["action"], Decision> = {
  send: { action: "send", reason: "first", isSilent: false },
  edit: { action: "edit", reason: "acknowledged", messageId: 1 },
  retire: { action: "retire", reason: "outdated", messageId: 1 },
  say: { action: "say", reason: "cleared", messageId: 1, isSilent: true },
  board: { action: "board", reason: "flood" },
  none: { action: "none", reason: "upToDate" },
};
const keysOf = <K extends string>(all: Readonly<Record<K, unknown>>): K[] => Object.keys(all) as K[];

let metrics: StartedMetrics;
/** What the program writes after everything that it counts has happened. */
let text: string;
let shapes: ReadonlyMap<string, MetricShape>;
beforeEach(async () => {
  metrics = await startMetrics();
  for (const step of keysOf(STEPS)) metrics.stepped(step);
  for (const severity of keysOf(SEVERITIES)) metrics.shown(severity, 1);
  for (const result of keysOf(RESULTS)) metrics.called("sendMessage", result, 1);
  for (const decision of Object.values(DECISIONS)) metrics.decided(decision);
  for (const what of keysOf(WHATS)) for (const why of keysOf(WHYS)) metrics.retried(what, why);
  for (const kind of keysOf(OUTGOING)) metrics.retriedOut(kind);
  for (const why of keysOf(TO_THINGSPEAK)) metrics.retriedOut("thingspeak", why);
  text = await metrics.read();
  shapes = shapesIn(text);
});
afterEach(() => metrics.close());

const page = read("docs/monitoring.md");
const codeIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
/** The rows of the table with these columns. */
function tableOf(...columns: string[]): string[][] {
  const [, rows = ""] = page.split(`| ${columns.join(" | ")} |\n`);
  const [table = ""] = rows.split("\n\n");
  return table
    .trim()
    .split("\n")
    .slice(1)
    .map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
/** The values of each label that the page names, and of which metrics. */
const values = tableOf("label", "of", "values").map(([label = "", of = "", list = ""]) => ({
  label: codeIn(label)[0] ?? "",
  isOf: (name: string) => of === "all" || codeIn(of).some((metric) => name === metric || name.startsWith(`${metric}_`)),
  values: codeIn(list.replaceAll(/\([^)]*\)/g, "")),
}));

describe("docs/monitoring.md", () => {
  it("has every metric, with its type and its labels, and no other", () => {
    const told = tableOf("name", "type", "labels", "meaning").map(([name = "", type = "", labels = ""]) => [
      codeIn(name)[0],
      { type, labels: codeIn(labels).toSorted() },
    ]);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(shapes));
    expect(told).toHaveLength(shapes.size);
  });

  it.each(values)("has every value of $label: $values", ({ label, isOf, values: told }) => {
    const written = new Set(
      [...text.matchAll(/^(\w+)\{(.*)\} \S+$/gm)].flatMap(([, name = "", pairs = ""]) =>
        isOf(name) ? labelsIn(pairs).flatMap((pair) => (pair.label === label ? [pair.value] : [])) : [],
      ),
    );
    expect(told.toSorted()).toEqual([...written].toSorted());
  });
});

const rules = z
  .object({
    groups: z.tuple([
      z.object({
        rules: z.array(
          z.strictObject({
            alert: z.string().regex(/^Valvomo[A-Z]\w+$/),
            expr: z.string(),
            for: z
              .string()
              .regex(/^\d+m$/)
              .optional(),
            labels: z.strictObject({ severity: z.enum(["critical", "warning"]) }),
            annotations: z.strictObject({ summary: z.string().min(10), description: z.string().min(10) }),
          }),
        ),
      }),
    ]),
  })
  .parse(parse(read("deploy/monitoring/alerts.yml"))).groups[0].rules;

const target = z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string() });
const dashboard = z
  .object({
    panels: z.array(
      z.object({
        id: z.number(),
        type: z.enum(["row", "stat", "timeseries"]),
        title: z.string(),
        gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
        targets: z.array(target).default([]),
      }),
    ),
    templating: z.object({ list: z.array(z.object({ name: z.string(), query: z.unknown() })) }),
    annotations: z.object({ list: z.array(z.object({ expr: z.string() })) }),
  })
  .parse(JSON.parse(read("deploy/monitoring/dashboard.json")));

/** Each expression, and what its words name of the result. */
const expressions: (readonly [where: string, expression: string, named: readonly string[]])[] = [
  ...rules.map(({ alert, expr, annotations: { summary, description } }) => {
    const named = [...`${summary} ${description}`.matchAll(/\$labels\.(\w+)/g)].map(([, label = ""]) => label);
    return [alert, expr, named] as const;
  }),
  ...dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => {
      const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
      return [title, expr, named] as const;
    }),
  ),
  ...dashboard.annotations.list.map(({ expr }) => ["annotation", expr, []] as const),
];

/** What Prometheus itself adds to all that it reads. */
const ADDED = ["job", "instance"];

describe("deploy/monitoring", () => {
  it.each(expressions)("%s uses metrics, labels and values that there are: %s", (_where, expression, named) => {
    const uses = usesIn(expression);
    expect(uses).not.toEqual([]);
    for (const { name, matchers, groups } of uses) {
      // Whether a scrape worked is Prometheus' own.
      const shape = name === "up" ? { type: "gauge", labels: [] } : shapes.get(name);
      expect([name, shape]).toEqual([name, expect.anything()]);
      const known = [...(shape?.labels ?? []), ...ADDED, ...(shape?.type === "histogram" ? ["le"] : [])];
      expect(known).toEqual(expect.arrayContaining([...matchers.map(({ label }) => label), ...groups, ...named]));
      // Grouping drops what it does not name.
      if (/\b(sum|max)\b/.test(expression)) expect(groups).toEqual(expect.arrayContaining([...named]));
      for (const { label, value } of matchers) {
        const told = values.find((row) => row.label === label && row.isOf(name))?.values;
        if (!ADDED.includes(label) && label !== "method")
          expect(told).toEqual(expect.arrayContaining(value.split("|")));
      }
    }
  });

  it("uses every metric of ours in a panel or a rule", () => {
    const used = new Set(expressions.flatMap(([, expression]) => usesIn(expression).map(({ name }) => name)));
    expect([...shapes.keys()].filter((name) => !used.has(name))).toEqual([]);
  });

  it("has panels that do not lie over each other, each with an id of its own", () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const places = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
    );
    expect(new Set(places).size).toBe(places.length);
    expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  });

  it("is scraped with the token, at the address that the program listens on, with the rules beside it", () => {
    expect(parse(read("deploy/monitoring/prometheus.yml"))).toMatchObject({
      rule_files: ["alerts.yml"],
      scrape_configs: [
        {
          job_name: "valvomo",
          authorization: { credentials_file: "/etc/prometheus/valvomo-token" },
          static_configs: [{ targets: ["valvomo.example.org:8080"] }],
        },
      ],
    });
  });
});
