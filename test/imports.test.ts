import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { ROOMS } from "../survey/rooms.ts";

const SRC = join(import.meta.dirname, "..", "src");
const MAX_FILES = 25;
const MAX_LOOSE = 4;
/** The drivers of the edges and the store: the domain must not know them. */
const DRIVERS = /^(grammy|@grammyjs\/.*|mqtt|mqtt-packet|pg|pino|papaparse|node:sqlite|node:http|node:net)$/;
const EDGES = ["mqtt", "telegram", "thingspeak"];

const files = globSync("**/*.{ts,js}", { cwd: SRC });
/** Type-only ones included. */
const importsOf = (file: string): string[] =>
  [...readFileSync(join(SRC, file), "utf8").matchAll(/(?:^(?:import|export)[^;]*?from |\bimport\(?)"([^"]+)"/gm)].map(
    (match) => match[1] ?? "",
  );
const local = (file: string): string[] =>
  importsOf(file)
    .filter((name) => name.startsWith("."))
    .map((name) => relative(SRC, join(SRC, dirname(file), name)));
const roomOf = (file: string): string => dirname(file);
/** The edge, or the like, that a file belongs to. */
const partOf = (file: string): string => file.split("/")[0] ?? "";
const order = new Map(ROOMS.map(({ name }, i) => [name, i]));

describe("the rooms of src/", () => {
  it("are all in the list, and the list has no others", () => {
    expect([...new Set(files.map(roomOf))].filter((room) => room !== ".").toSorted()).toEqual(
      ROOMS.map(({ name }) => name).toSorted(),
    );
  });

  it("have an order: no file imports from a room above its own", () => {
    const upwards = files
      .filter((file) => roomOf(file) !== ".")
      .flatMap((file) =>
        local(file)
          .filter((name) => (order.get(roomOf(name)) ?? Infinity) > (order.get(roomOf(file)) ?? -1))
          .map((name) => `${file} → ${name}`),
      );
    expect(upwards).toEqual([]);
  });

  it("are sought in files that are found", () => {
    expect(files).toContain("app/app.ts");
    expect(local("app/app.ts")).toContain("http/server.ts");
    expect(local("main.js")).toEqual(["bin/built-copy.ts", "bin/start.ts"]);
  });

  it(`hold at most ${MAX_FILES} files each, and at most ${MAX_LOOSE} lie loose`, () => {
    const counts = Map.groupBy(files, roomOf);
    expect([...counts].filter(([, list]) => list.length > MAX_FILES).map(([room]) => room)).toEqual([]);
    expect(counts.get(".")?.length).toBeLessThanOrEqual(MAX_LOOSE);
  });

  it("have no cycles between files, either", () => {
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

describe("who may import whom", () => {
  it.each(["alarms", "measurements", "charts"])("%s imports no driver", (part) => {
    for (const file of files.filter((name) => partOf(name) === part)) {
      expect(importsOf(file).filter((name) => DRIVERS.test(name))).toEqual([]);
    }
  });

  it.each(EDGES)("%s imports no other edge", (edge) => {
    for (const file of files.filter((name) => partOf(name) === edge)) {
      expect(local(file).filter((name) => EDGES.includes(partOf(name)) && partOf(name) !== edge)).toEqual([]);
    }
  });

  it("only the process sees the app, and nobody sees the demo or the simulated plant but the demo", () => {
    const importers = (test: (name: string) => boolean) => files.filter((file) => local(file).some(test)).map(partOf);
    expect(files.filter((file) => local(file).includes("app/app.ts"))).toEqual(["app/program.ts"]);
    expect(new Set(importers((name) => name === "app/program.ts"))).toEqual(new Set(["demo", "bin"]));
    expect(new Set(importers((name) => partOf(name) === "demo"))).toEqual(new Set(["demo"]));
    expect(new Set(importers((name) => partOf(name) === "simulator"))).toEqual(new Set(["demo", "simulator"]));
  });

  it("of node:http only types are imported: with a value all of it is loaded, undici too", () => {
    const loads = /^import (?!type )[^;]*from "node:http"/m;
    expect(loads.test('import { createServer, type Server } from "node:http"')).toBe(true);
    expect(files.filter((file) => loads.test(readFileSync(join(SRC, file), "utf8")))).toEqual([]);
  });

  it("what packages load for browsers, old versions of Node.js and calls that we make ourselves is not loaded", async () => {
    const script = `import "grammy"; import "@grammyjs/runner"; import "mqtt"; import { createRequire } from "node:module";
      console.log(Object.keys(createRequire("${import.meta.url}").cache).join("\\n"))`;
    const loaded = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
    expect(loaded.stdout).toContain("/mqtt/build/index.js");
    expect(loaded.stdout).not.toMatch(/node-fetch|grammy-whole\/out\/mod|@babel|readable-stream\/lib|\/ws\/|\/socks\//);
    // Node.js warns of what is asked of a browser.
    expect(loaded.stderr).toBe("");
  });
});

it("what helps several files of tests registers no hooks by being loaded: it is loaded once for many files", () => {
  const helpers = globSync("**/*.ts", { cwd: import.meta.dirname }).filter((name) => !name.endsWith(".test.ts"));
  const hooks = /^(?:before|after)(?:Each|All)\(/m;
  expect(hooks.test("afterEach(async () => {")).toBe(true);
  expect(helpers).toContain("watchdog/world.ts");
  expect(helpers.filter((name) => hooks.test(readFileSync(join(import.meta.dirname, name), "utf8")))).toEqual([]);
});
