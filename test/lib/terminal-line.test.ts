import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { createLogger } from "../../src/lib/log.ts";
import { terminalLine } from "../../src/lib/terminal-line.ts";

const at = (fields: object, level = 30): string =>
  stripVTControlCharacters(
    terminalLine(`${JSON.stringify({ level, time: "2026-11-22T14:03:07.000Z", ...fields })}\n`, "UTC"),
  );

describe("a line of the log in a terminal", () => {
  it("is a time, how bad it is, what happened, and with what", () => {
    expect(at({ msg: "Valvomo is up", version: "0.1.0", httpPort: 8080 })).toBe(
      "14:03:07 INFO  Valvomo is up version=0.1.0 httpPort=8080\n",
    );
    expect(at({ msg: "broker link", reason: "no answer", admins: [11] }, 40)).toBe(
      '14:03:07 WARN  broker link reason="no answer" admins=[11]\n',
    );
  });

  it("has an error's stack below, with what it says", () => {
    const lines: string[] = [];
    const log = createLogger({ level: "info", redact: (text) => text, write: (line) => lines.push(line) });
    log.error({ err: new Error("disk full") }, "could not store");
    const shown = stripVTControlCharacters(terminalLine(lines[0] ?? "")).split("\n");
    expect(shown[0]).toMatch(/^\d\d:\d\d:\d\d ERROR could not store$/);
    expect(shown[1]).toBe("    Error: disk full");
    expect(shown[2]).toMatch(/^ {8}at /);
  });

  it("is moved by nothing that came from outside", () => {
    const line = at({ msg: "read\u001b[2J\nthis", topic: "a\u202eb\u0007\r\n14:03:07 INFO  forged", "na\nme": 1 });
    expect(line.trimEnd().split("\n")).toHaveLength(1);
    expect(line.trimEnd()).toMatch(/^\P{Cc}+$/u);
    expect(line).not.toContain("\u202e");
  });

  it("is left as it is where it is no JSON", () => expect(terminalLine("Node.js says\n")).toBe("Node.js says\n"));
});
