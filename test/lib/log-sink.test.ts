import { spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { LogSink } from "../../src/lib/log-sink.ts";
import { canMount, mountSmallDisk } from "../support/small-disk.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "valvomo-log-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const line = (i: number): string => `${JSON.stringify({ i, text: "x".repeat(1_000) })}\n`;
interface Line {
  readonly i?: number;
  readonly msg?: string;
  readonly lines?: number;
  readonly reason?: string;
}
const linesIn = (text: string): Line[] =>
  text
    .split("\n")
    .filter((row) => row !== "")
    .map((row) => JSON.parse(row) as Line);

it("a reader who does not read now is not waited for; what is too much for them is left out, whole lines, and counted", () => {
  const path = join(folder, "pipe");
  spawnSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const sink = new LogSink(openSync(path, "w"));
  const read = (): string => {
    let text = "";
    const bytes = Buffer.alloc(65_536);
    try {
      for (;;) text += bytes.toString("utf8", 0, readSync(reader, bytes));
    } catch {
      // Nothing more now.
    }
    return text;
  };
  const begunAt = performance.now();
  for (let i = 0; i < 3_000; i++) sink.write(line(i));
  expect(performance.now() - begunAt).toBeLessThan(1_000);
  let text = "";
  // As much as a pipe holds, each time.
  const readOn = (): void => {
    for (let i = 0; i < 40; i++) {
      text += read();
      sink.close();
    }
  };
  readOn();
  sink.write(line(3_000));
  readOn();
  const found = linesIn(text);
  const lost = found.reduce((sum, { lines = 0 }) => sum + lines, 0);
  expect(found.find(({ msg }) => msg)).toMatchObject({ msg: "lines of the log were lost", reason: "nobody reads it" });
  expect(found.filter(({ i }) => i !== undefined).length + lost).toBe(3_001);
  closeSync(reader);
});

it.skipIf(!canMount)("a full disk ends nothing, and what it did not take is counted when it does again", () => {
  const mounted = mkdtempSync(join(folder, "disk-"));
  const disk = mountSmallDisk(mounted, 1);
  const path = join(mounted, "log");
  const file = openSync(path, "a");
  const sink = new LogSink(file);
  sink.write(line(0));
  disk.fill();
  for (let i = 1; i < 100; i++) sink.write(line(i));
  disk.free();
  sink.write(line(100));
  sink.close();
  const found = linesIn(readFileSync(path, "utf8"));
  closeSync(file);
  disk.remove();
  const told = found.find(({ msg }) => msg);
  expect(told).toMatchObject({ msg: "lines of the log were lost", reason: "ENOSPC" });
  expect(found.length - 1 + (told?.lines ?? 0)).toBe(101);
  expect(found.at(-1)?.i).toBe(100);
});

it("nobody who reads any more, and a disk that takes nothing, are borne", () => {
  const path = join(folder, "pipe");
  spawnSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const sinks = [new LogSink(openSync(path, "w")), new LogSink(openSync("/dev/full", "w"))];
  closeSync(reader);
  for (const sink of sinks) {
    expect(() => {
      for (let i = 0; i < 10; i++) sink.write(line(i));
      sink.close();
    }).not.toThrow();
  }
});
