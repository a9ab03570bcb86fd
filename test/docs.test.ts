import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { decode } from "../src/alarms/payloads/decode.ts";
import { SETTING_NAMES } from "../src/config/given.ts";
import { readConfig } from "../src/config/read-config.ts";
import { parseStart, prepareFor } from "../src/queries/period.ts";
import { matchesFilter } from "../src/lib/text/topic-filter.ts";
import { survey } from "../survey/figures.ts";
import { drawingOf } from "../survey/drawing.ts";
import { roomTableOf, tableOf } from "../survey/page.ts";
import { ROOMS } from "../survey/rooms.ts";
import { readSources } from "../survey/sources.ts";

const ROOT = join(import.meta.dirname, "..");
const pages = [
  "README.md",
  "CHANGELOG.md",
  "deploy/README.md",
  "deploy/standby/README.md",
  ...globSync("docs/*.md", { cwd: ROOT }),
];

/** The files that a page links to or shows. */
function linksOf(page: string): readonly string[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  return [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map((match) => match[1] ?? "")
    .filter((link) => !/^\w+:/.test(link));
}

describe("the pages", () => {
  it.each(pages)("%s links to what is there", (page) => {
    expect(linksOf(page).filter((link) => !existsSync(join(ROOT, dirname(page), link)))).toEqual([]);
  });

  it("link to something", () => {
    expect(pages.flatMap(linksOf).length).toBeGreaterThan(10);
  });
});

/** What stands in backticks, line breaks within it as blanks. */
const codeIn = (text: string): string[] =>
  [...text.matchAll(/(?<!`)`([^`]+)`(?!`)/g)].map((match) => (match[1] ?? "").replace(/\s*\n\s*/g, " "));
const read = (page: string): string => readFileSync(join(ROOT, page), "utf8");
/** Those that do not tell of what was refused, and of what was. */
const valid = pages.filter((page) => !/field-cases|CHANGELOG/.test(page));
const code = valid.flatMap((page) => codeIn(read(page)));

describe("the pages' own order", () => {
  it("has each page of docs/ in its index", () => {
    const listed = new Set(linksOf("docs/README.md").map((link) => join("docs", link)));
    const others = pages.filter((page) => page.startsWith("docs/") && page !== "docs/README.md");
    expect(others.filter((page) => !listed.has(page))).toEqual([]);
  });

  it("shows the rooms of src/ as the list has them", () => {
    expect(read("docs/architecture.md")).toContain(`<!-- rooms -->\n${roomTableOf(ROOMS)}<!-- end -->`);
  });

  it("draws them as they look at each other", () => {
    const drawing = drawingOf(ROOMS, readSources());
    expect(read("docs/architecture.md")).toContain(`<!-- drawing -->\n${drawing}<!-- end -->`);
  });

  it("draws an arrow only where no others lead to the same room", () => {
    const rooms = ["lib", "store/sql", "store", "app"].map((name) => ({ name, holds: "" }));
    const imports = ["lib/log.ts", "store/store.ts", "app/life.ts"];
    const drawing = drawingOf(rooms, [
      { name: "app/app.ts", imports },
      { name: "store/store.ts", imports: ["lib/log.ts", "store/sql/rows.ts"] },
    ]);
    expect(drawing.match(/\w+ --> \w+/g)).toEqual(["app --> store", "store --> lib"]);
    expect(drawing).toContain('store["<b>store</b><br/>sql"]');
  });

  it("shows how the house stands as the survey counts it, and each aim is reached", () => {
    const figures = survey();
    expect(figures.filter(({ isMet }) => !isMet).map(({ what, figure }) => `${what}: ${figure}`)).toEqual([]);
    expect(read("docs/architecture.md")).toContain(`<!-- figures -->\n${tableOf(figures)}<!-- end -->`);
  });

  it("has a README of one page", () => {
    expect(read("README.md").split(/\s+/).length).toBeLessThan(700);
  });

  it("has records of decisions, each with context, choice, alternative and date", () => {
    const records = read("docs/decisions.md").split(/^### /m).slice(1);
    expect(records.length).toBeGreaterThan(30);
    const form =
      /^.+\n- \*\*Context\*\*: [^]+\n- \*\*Choice\*\*: [^]+\n- \*\*Alternative\*\*: [^]+\n- \*\*Date\*\*: \d{4}-\d\d-\d\d\n/;
    expect(records.filter((record) => !form.test(record))).toEqual([]);
  });
});

describe("docs/running.md", () => {
  it("quotes sentences of the log as the program writes them", () => {
    const section = /\n## What goes wrong[^]*?\n## /.exec(read("docs/running.md"))?.[0] ?? "";
    const logged = section.split("\n").flatMap((row) => codeIn(row.split(" | ")[3] ?? ""));
    const source = globSync("src/**/*.ts", { cwd: ROOT }).map(read).join("\n");
    expect(logged.length).toBeGreaterThan(2);
    expect(logged.filter((sentence) => !source.includes(sentence))).toEqual([]);
  });
});

describe("what the pages print", () => {
  it("runs only scripts that are there", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [...valid, ".env.example", ...globSync("deploy/**/*.*", { cwd: ROOT })]
      .flatMap((page) => [...read(page).matchAll(/\bnpm (?:run )?([a-z-]+)/g)])
      .map((match) => match[1] ?? "");
    expect(named.length).toBeGreaterThan(10);
    expect(
      named.filter((name) => !["ci", "prune", "audit", "sbom"].includes(name) && scripts[name] === undefined),
    ).toEqual([]);
  });

  it("names only settings that are there, with values that are taken", () => {
    const required = {
      TELEGRAM_BOT_TOKEN: "123456:ABCdefGHIjkl",
      TELEGRAM_ADMIN_IDS: "11",
      MQTT_URL: "mqtt://localhost",
    };
    const ofOthers = /^(NODE_|SQLITE_|PASSWORD_OF_|CLEARED_UNACK$|NAME_FILE$|STATUS$)/;
    const named = code.flatMap((text) => {
      const [, name = "", value = ""] = /^([A-Z]+_[A-Z_]+|STATUS)(?:=(.*))?$/.exec(text) ?? [];
      return name === "" || ofOthers.test(name) ? [] : [{ name, value }];
    });
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter(({ name }) => !SETTING_NAMES.includes(name))).toEqual([]);
    const given = named.filter(({ value }) => value !== "" && !value.includes("…"));
    expect(given.length).toBeGreaterThan(3);
    for (const { name, value } of given) expect(() => readConfig({ ...required, [name]: value })).not.toThrow();
  });

  // The table below it is read in test/alarms/page-table.test.ts.
  const section = /\n## The forms\n([^]*?)\n## /.exec(read("docs/messages.md"))?.[1] ?? "";
  const severities = /\b(info|warn(?:ing)?|error|critical)\b/i;
  const messages = codeIn(section).filter((text) => /^\{.*"message"/.test(text) || /^(\[|[A-Z]+: )/.test(text));

  it("begins with a warning that the settings take as they are", () => {
    const [, topic = "", payload = ""] =
      /```sh first\nmosquitto_pub .*-t (\S+) -m '(.*)'\n/.exec(read("README.md")) ?? [];
    const receivedAt = Date.parse("2026-11-22T14:03:08Z");
    const [event] = decode({ topic, payload: Buffer.from(payload), isRetained: false, receivedAt });
    expect(event).toMatchObject({ severity: "critical", message: "bearing 82.1 °C" });
    const required = {
      TELEGRAM_BOT_TOKEN: "123456:ABCdefGHIjkl",
      TELEGRAM_ADMIN_IDS: "11",
      MQTT_URL: "mqtt://localhost",
    };
    const { topics } = readConfig(required).mqtt;
    expect(
      topics.filter((filter) => matchesFilter(filter, topic)),
      `filters of ${topics.join(", ")} that take ${topic}`,
    ).not.toEqual([]);
  });

  it("shows messages of plants", () => expect(messages.length).toBeGreaterThan(2));

  it.each(messages)("is understood as a plant's message: %s", (payload) => {
    const receivedAt = Date.parse("2026-11-22T14:03:08Z");
    const [event] = decode({ topic: "lut/a", payload: Buffer.from(payload), isRetained: false, receivedAt });
    const named = severities.exec(payload.replace(/^.*"severity": "/, ""))?.[0].toLowerCase();
    expect(event.severity).toBe(named === "warn" ? "warning" : named);
    if (!payload.startsWith("{")) return;
    const { message, source, state, value, limit, field, timestamp, id } = JSON.parse(payload) as Record<
      string,
      unknown
    >;
    expect(event).toMatchObject({
      message,
      source,
      state,
      value,
      limit,
      field,
      id,
      occurredAt: Date.parse(String(timestamp)),
    });
  });

  const typed = /, or typed \(([^)]*)\)/.exec(read("docs/operators.md"))?.[1] ?? "";
  it.each(codeIn(typed))("is understood as a time: %s", async (text) => {
    await prepareFor(text);
    expect(parseStart(text, "Europe/Helsinki", Date.now())).toHaveProperty("value");
  });
});
