import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = join(import.meta.dirname, "..", "src");
const EDGES = ["mqtt", "telegram", "thingspeak"];
/** The drivers of the edges and the store: the domain must not know them. */
const DRIVERS = /^(grammy|@grammyjs\/.*|mqtt|mqtt-packet|pino|papaparse|node:sqlite|node:http|node:net)$/;

const files = globSync("**/*.ts", { cwd: SRC });
const importsOf = (file: string): string[] =>
  [...readFileSync(join(SRC, file), "utf8").matchAll(/^(?:import|export)[^;]*?from "([^"]+)"/gm)].map(
    (match) => match[1] ?? "",
  );
const local = (file: string): string[] =>
  importsOf(file)
    .filter((name) => name.startsWith("."))
    .map((name) => relative(SRC, join(SRC, dirname(file), name)));
/** The folder that a file belongs to; files beside `src/app.ts` stand for themselves. */
const partOf = (file: string): string => file.split("/")[0] ?? "";

describe("who may import whom", () => {
  it("finds the files", () => {
    expect(files).toContain("app.ts");
    expect(local("app.ts")).toContain("store/store.ts");
  });

  it.each(["alarms", "charts"])("%s imports no edge and no driver", (part) => {
    for (const file of files.filter((name) => partOf(name) === part)) {
      expect(local(file).filter((name) => EDGES.includes(partOf(name)) || partOf(name) === "store")).toEqual([]);
      expect(importsOf(file).filter((name) => DRIVERS.test(name))).toEqual([]);
    }
  });

  it.each(EDGES)("%s imports no other edge", (edge) => {
    for (const file of files.filter((name) => partOf(name) === edge)) {
      expect(local(file).filter((name) => EDGES.includes(partOf(name)) && partOf(name) !== edge)).toEqual([]);
    }
  });

  it("only the demo and main see the app, and nobody sees the demo or the simulated plant", () => {
    const importers = (test: (name: string) => boolean) => files.filter((file) => local(file).some(test)).map(partOf);
    expect(new Set(importers((name) => name === "app.ts"))).toEqual(new Set(["program.ts"]));
    expect(new Set(importers((name) => name === "program.ts"))).toEqual(new Set(["demo", "start.ts"]));
    expect(new Set(importers((name) => partOf(name) === "demo"))).toEqual(new Set(["demo"]));
    expect(new Set(importers((name) => partOf(name) === "simulator"))).toEqual(new Set(["demo", "simulator"]));
  });

  it("has no cycles, type-only imports included", () => {
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      expect(path).not.toContain(file);
      if (done.has(file)) return;
      for (const next of local(file)) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(done.size).toBe(files.length);
  });
});
