import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { DEFAULT_ESCALATIONS } from "../../src/alarms/lifecycle/escalation-plan.ts";
import { ConfigError } from "../../src/lib/errors.ts";
import { parsePlants } from "../../src/plants/parse-plants.ts";
import { readPlantsFile } from "../../src/plants/plants-file.ts";
import { DEFAULT_PLANTS } from "../../src/plants/plants.ts";
import { NO_RULE } from "../support/one-alarm.ts";

const MINUTE = 60_000;
const EXAMPLE = join(import.meta.dirname, "..", "..", "deploy", "plants.example.yaml");

const parse = (text: string) => parsePlants(text, "plants.yaml");
const problemsOf = (work: () => unknown): readonly string[] => {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};
const refusals = (text: string) => problemsOf(() => parse(text));

describe("the plants file", () => {
  it.each([
    [
      "fields:\n  - { field: 1, unit: % }\n  - { field: 99 }",
      2,
      "%",
      "plants.yaml line 3: fields › 2 › field: must be",
    ],
    ["fields:\n  - field: 99\n    unit: @x", 3, "@", "plants.yaml line 2: fields › 1 › field: must be"],
    ["routes:\n  - to: hall\n    source: *", 3, "*", "plants.yaml line 2: routes › 1 › to: I know no chat “hall”"],
    ["routes:\n  - { to: 5, source: *, topic: a# }", 2, "*", null],
  ])("says of %j that the sign needs quotes, and what else is wrong", (text, line, sign, other) => {
    const problems = refusals(text);
    expect(problems).toContain(
      `plants.yaml line ${line}: a value that starts with ${sign} must stand in quotes, such as "${sign}".`,
    );
    expect(problems.filter((problem) => other !== null && problem.startsWith(other))).toHaveLength(
      other === null ? 0 : 1,
    );
    expect(problems).toHaveLength(other === null ? 1 : 2);
  });

  it("takes the duty of the example once it is no comment any more", () => {
    const text = readFileSync(EXAMPLE, "utf8").replace(/^# duty:(?:\n#.*)+/m, (duty) => duty.replace(/^# /gm, ""));
    expect(parse(text).duty).not.toBeNull();
  });

  it("is understood as the example shows it", async () => {
    const hall6 = { chatId: -1_001_234_567_890, threadId: null, name: "hall6" };
    const night = { chatId: -1_001_234_567_890, threadId: 7, name: "night" };
    const unset = { name: null, unit: null, decimals: null, limits: [], rules: [], topic: null, value: null };
    const above = { kind: "level", side: "above", holdMs: 10_000, predictMs: null };
    const boris = { chatId: 12_345_678, threadId: null, name: "boris" };
    const ofDuty = {
      anna: { chatId: 12_345_679, threadId: null, name: "anna" },
      ben: { chatId: 12_345_680, threadId: null, name: "ben" },
    };
    expect(await readPlantsFile(EXAMPLE)).toEqual({
      fields: [
        {
          ...unset,
          field: 1,
          unit: "°C",
          decimals: 1,
          limits: [
            { value: 75, side: "above", severity: "warning" },
            { value: 80, side: "above", severity: "error" },
          ],
          rules: [
            { ...above, value: 75, severity: "warning", hysteresis: 1.5 },
            { ...above, value: 80, severity: "error", hysteresis: 1.6 },
          ],
        },
        {
          ...unset,
          field: 3,
          unit: "rpm",
          decimals: 0,
          limits: [{ value: 500, side: "below", severity: "warning" }],
          rules: [{ ...above, side: "below", value: 500, severity: "warning", holdMs: 30_000, hysteresis: 25 }],
        },
        {
          ...unset,
          field: 5,
          name: "Pump",
          unit: "°C",
          topic: "plants/Pumps/TcIotCommunicator/Json/Tx/Data",
          value: "stPump.fTemp",
          limits: [{ value: 60, side: "above", severity: "error" }],
          rules: [
            { ...above, value: 60, severity: "error", hysteresis: 1.2, predictMs: 30 * MINUTE },
            {
              kind: "rate",
              side: "rises",
              value: 5,
              per: "min",
              withinMs: MINUTE,
              severity: "warning",
              holdMs: 10_000,
              hysteresis: 0.1,
            },
          ],
        },
      ],
      chats: { hall6, night, boris, ...ofDuty },
      routes: [
        { severity: "warning", sources: ["AMB *"], topics: ["lut/#"], to: [hall6] },
        { severity: "critical", sources: [], topics: [], to: [boris, night] },
      ],
      escalation: {
        ...DEFAULT_ESCALATIONS,
        critical: { ...DEFAULT_ESCALATIONS.critical, steps: [{ afterMs: 10 * MINUTE, to: boris }] },
      },
      duty: null,
      alarms: [
        {
          ...NO_RULE,
          topics: ["lut/AMBsystem/warnings/#"],
          messages: ["bearing too hot"],
          delayMs: 10_000,
          hysteresis: { share: 0.02 },
        },
        {
          ...NO_RULE,
          sources: ["AMB *"],
          messages: ["coil current*"],
          limit: { side: "above", value: 12.5 },
          chatter: { count: 3, withinMs: MINUTE, quietMs: 5 * MINUTE },
        },
      ],
      quality: [],
      shiftStarts: [360, 840, 1_320],
      severities: new Map([
        ["stufe 1", "critical"],
        ["wartung", "info"],
      ]),
      names: new Map([["lut/AMBsystem/#", "AMB rig"]]),
      heartbeats: [
        { topic: "plants/AMB/live", field: null, everyMs: 30_000, name: "Coil sensor" },
        { topic: null, field: 1, everyMs: MINUTE, name: "Field 1" },
      ],
      confirm: 2,
      bridges: [
        { name: "plant-to-global", topic: "$SYS/broker/connection/plant-to-global/state" },
        { name: "cellular gateway", topic: "plants/gateway/state" },
      ],
      devices: [
        {
          device: "AMB 1",
          severity: "error",
          holdMs: 10_000,
          hysteresisOf: expect.any(Function) as (limit: number) => number,
        },
      ],
      channels: [{ channel: 266_256, writeKey: "ABCDEFGHIJKLMNOP", readKey: "QRSTUVWXYZ012345" }],
      file: { time: "Zeit", zone: "Europe/Helsinki", fields: ["T_coil", "T_motor"] },
    });
  });

  it.each(["", "# nothing yet", "routes:\nchats:\nescalation:\n"])("may leave out everything: %j", (text) => {
    expect(parse(text)).toEqual(DEFAULT_PLANTS);
  });

  it("fills in the rest of a route, an escalation and a heartbeat", () => {
    const plants = parse(`
      routes: [{ to: -5 }, { to: "12", severity: WARN, source: [a, "6"], topic: [x/#, +] }]
      escalation: { error: { remind: off }, info: { owner: 2d } }
      shifts: [14:00, 6:00, 14:00]
      heartbeats: [{ topic: a/+ }]
    `);
    expect(plants.routes).toEqual([
      { severity: "info", sources: [], topics: [], to: [{ chatId: -5, threadId: null, name: "-5" }] },
      {
        severity: "warning",
        sources: ["a", "6"],
        topics: ["x/#", "+"],
        to: [{ chatId: 12, threadId: null, name: "12" }],
      },
    ]);
    expect(plants.escalation).toEqual({
      ...DEFAULT_ESCALATIONS,
      error: { ...DEFAULT_ESCALATIONS.error, remindAfterMs: null },
      info: { ...DEFAULT_ESCALATIONS.info, ownerAfterMs: 2_880 * MINUTE },
    });
    expect(plants.shiftStarts).toEqual([360, 840]);
    expect(plants.heartbeats).toEqual([{ topic: "a/+", field: null, everyMs: null, name: "a/+" }]);
  });

  it("knows a site's own words for severities in any case, and numbers among them", () => {
    const { severities } = parse("severities:\n  Sev1: critical\n  500: warn\n  'Zu hoch ': error\n");
    expect([...severities]).toEqual([
      ["500", "warning"],
      ["sev1", "critical"],
      ["zu hoch", "error"],
    ]);
    expect(() => parse("severities: { Sev1: dreadful }")).toThrow(
      "plants.yaml line 1: severities › Sev1: must be info, warning, error or critical",
    );
    expect(() => parse("severities: [a]")).toThrow("must be a mapping of the plant's words to");
    expect(() => parse("severities: { ' ': info }")).toThrow("cannot be a word");
  });

  it("knows what a site calls the machines behind topics, in the order of the file", () => {
    const { names } = parse("names:\n  hall6/pump/#: Feed pump\n  'hall6/#': ' Hall 6 '\n");
    expect([...names]).toEqual([
      ["hall6/pump/#", "Feed pump"],
      ["hall6/#", "Hall 6"],
    ]);
    expect(() => parse("names: { 'a/#/b': x }")).toThrow("names › a/#/b: is not an MQTT topic filter");
    expect(() => parse("names: { a: 5 }")).toThrow("names › a: must be a text");
    expect(() => parse(`names: { a: ${"x".repeat(61)} }`)).toThrow("names › a: is longer than 60 characters");
    expect(() => parse("names: [a]")).toThrow("must be a mapping of MQTT topic filters to names");
  });

  it("may give a name to what stands there twice", () => {
    const { routes } = parse("routes:\n  - { to: 5, source: &amb ['AMB *'] }\n  - { to: 6, source: *amb }\n");
    expect(routes.map(({ sources }) => sources)).toEqual([["AMB *"], ["AMB *"]]);
  });

  it("cannot be changed once read", () => {
    const { routes } = parse("routes: [{ to: 5 }]");
    expect(() => Object.assign(routes[0]?.to[0] ?? {}, { chatId: 666 })).toThrow(TypeError);
  });
});

describe("problems of the plants file", () => {
  it("say what is wrong with a rule for an alarm", () => {
    const text = `alarms:
  - delay: 10s
  - topic: a
  - { topic: a, above: 5, below: 3 }
  - { topic: a, delay: 2h }
  - { topic: a, delay: soon, hysteresis: -2% }
  - { topic: "$valvomo/admins", delay: 10s }
  - { topic: a, message: "82.1 °C", delay: 10s }
  - { topic: a, chatter: { times: 0, within: 1m } }
  - { topic: a, above: 0, hysteresis: 2% }
  - { topic: [], above: x }
  - { topic: a, hysteresis: 0% }
  - { source: pump, delay: 5s }
  - { source: pump, above: 5 }
`;
    const place = (line: number, rest = "") => `plants.yaml line ${line}: alarms › ${line - 1}${rest}: `;
    expect(refusals(text)).toEqual([
      `${place(2)}names no alarm: it needs a topic, a source or a message.`,
      `${place(3)}changes nothing: it needs delay, hysteresis, above, below or chatter.`,
      `${place(4)}has above and below: an alarm has one limit.`,
      `${place(5, " › delay")}is longer than an hour: what stands for so long is an alarm.`,
      `${place(6, " › delay")}is not a duration: write a number and s, m, h or d, for example 90s or 1h.`,
      `${place(6, " › hysteresis")}must be a number that is not negative, or a share such as 2%.`,
      `${place(7, " › topic")}names Valvomo's own alarms, which are under no rule.`,
      `${place(8, " › message")}has no words besides a measured value: write the alarm's text without that.`,
      `${place(9, " › chatter › times")}must be a whole number from 1 to 100.`,
      `${place(10)}has a hysteresis that is a share of 0, which is nothing: write an amount.`,
      `${place(11, " › topic")}is an empty list: name at least one, or leave it out.`,
      `${place(11, " › above")}must be a number.`,
      `${place(12, " › hysteresis")}is 0, which changes nothing.`,
    ]);
    expect(refusals("alarms: [{ source: a, delay: 5s }, { source: a, above: 5 }]")).toEqual([
      "plants.yaml line 1: alarms › 2: names the same alarms as 1: put both into one.",
    ]);
  });

  it("are told all at once, each with its line and place", () => {
    const text = `chats:
  hall6: abc
  6: 7
  here: 4
  n: { chat: 1, thred: 4, thread: x }
routes:
  - to: hal6
    severity: bad
  - severity: warning
    source: [6, x]
    topic: a/#/b
  - 7
  - { to: [] }
  - { to: { chat: 5 } }
  - { to: n }
escalation:
  critical: { remind: 5x, then: [{ after: 0s, to: boris }] }
  fatal: {}
shifts: [25:00]
heartbeats:
  - {}
  - { topic: a, field: 9 }
bridges: [{ name: a, topic: "a/#" }]
units: 3
fields:
  - { unit: 5, decimals: 11 }
  - { field: 9, unit: "much too long", decimals: 0.5 }
  - field: 1
    limits:
      - { above: 1, below: 2 }
      - { severity: error }
      - { above: .inf, severity: bad }
      - { below: "5" }
  - { field: 2, limits: { above: 5 } }
  - field: 3
    limits:
      - { above: 5, for: soon, hysteresis: -1, alarm: maybe, predict: 1 }
      - { rises: 5 }
      - { falls: 0/min }
      - { rises: 5/min, above: 4 }
      - { rises: 5/min, predict: 30m }
      - { above: 5, predict: 30m, alarm: false }
  - { field: 4, limits: [{ above: 5 }, { above: 5, for: 1m }] }
`;
    expect(refusals(text)).toEqual([
      "plants.yaml line 2: chats › hall6: is not a Telegram id: write a whole number.",
      ...["3: chats › 6", "4: chats › here"].map(
        (place) =>
          `plants.yaml line ${place}: cannot name a chat: a name starts with a letter, has no spaces or slashes, and is not “here”.`,
      ),
      "plants.yaml line 5: chats › n › thred: is not a key that I know; here I know chat, thread.",
      "plants.yaml line 5: chats › n › thread: must be a whole number from 1 to 2147483647.",
      "plants.yaml line 7: routes › 1 › to: I know no chat “hal6”; name it under chats.",
      "plants.yaml line 8: routes › 1 › severity: must be info, warning, error or critical.",
      "plants.yaml line 9: routes › 2 › to: is missing.",
      "plants.yaml line 10: routes › 2 › source › 1: must be a text of 1 to 200 characters; numbers need quotes.",
      "plants.yaml line 11: routes › 2 › topic: is not an MQTT topic filter: # only as the last level, + only as a whole level.",
      "plants.yaml line 12: routes › 3: must be a mapping of to, severity, source, topic, acknowledge.",
      "plants.yaml line 13: routes › 4 › to: is an empty list: name at least one, or leave it out.",
      "plants.yaml line 14: routes › 5 › to: must be a name under chats, or a Telegram id.",
      "plants.yaml line 17: escalation › critical › remind: is not a duration: write a number and s, m, h or d, for example 90s or 1h.",
      "plants.yaml line 17: escalation › critical › then › 1 › after: is not a duration: write a number and s, m, h or d, for example 90s or 1h.",
      "plants.yaml line 17: escalation › critical › then › 1 › to: I know no chat “boris”; name it under chats.",
      "plants.yaml line 18: escalation › fatal: is not a key that I know; here I know info, warning, error, critical.",
      "plants.yaml line 19: shifts › 1: is not a time of day: write one such as 06:00.",
      "plants.yaml line 21: heartbeats › 1: needs a topic or a field, not both.",
      "plants.yaml line 22: heartbeats › 2 › field: must be a whole number from 1 to 8.",
      "plants.yaml line 23: bridges › 1 › topic: is not an MQTT topic: no # or +.",
      "plants.yaml line 24: units: is not a key that I know; here I know chats, routes, escalation, duty, alarms, shifts, quality, severities, names, heartbeats, confirm, bridges, devices, channels, file, fields.",
      "plants.yaml line 26: fields › 1 › field: is missing.",
      "plants.yaml line 26: fields › 1 › unit: must be a text of 1 to 200 characters; numbers need quotes.",
      "plants.yaml line 26: fields › 1 › decimals: must be a whole number from 0 to 10.",
      "plants.yaml line 27: fields › 2 › field: must be a whole number from 1 to 8.",
      "plants.yaml line 27: fields › 2 › unit: is longer than 12 characters.",
      "plants.yaml line 27: fields › 2 › decimals: must be a whole number from 0 to 10.",
      "plants.yaml line 30: fields › 3 › limits › 1: needs one of above, below, rises and falls.",
      "plants.yaml line 31: fields › 3 › limits › 2: needs one of above, below, rises and falls.",
      "plants.yaml line 32: fields › 3 › limits › 3 › above: must be a number.",
      "plants.yaml line 32: fields › 3 › limits › 3 › severity: must be info, warning, error or critical.",
      "plants.yaml line 33: fields › 3 › limits › 4 › below: must be a number.",
      "plants.yaml line 34: fields › 4 › limits: must be a list.",
      "plants.yaml line 37: fields › 5 › limits › 1 › for: is not a duration: write a number and s, m, h or d, for example 90s or 1h.",
      "plants.yaml line 37: fields › 5 › limits › 1 › hysteresis: must be a number that is not negative, or a share such as 2%.",
      "plants.yaml line 37: fields › 5 › limits › 1 › alarm: must be true or false.",
      "plants.yaml line 37: fields › 5 › limits › 1 › predict: is not a duration: write a number and s, m, h or d, for example 90s or 1h.",
      "plants.yaml line 38: fields › 5 › limits › 2 › rises: is not a rate: write a number above 0, a slash and s, min or h, for example 5/min.",
      "plants.yaml line 39: fields › 5 › limits › 3 › falls: is not a rate: write a number above 0, a slash and s, min or h, for example 5/min.",
      "plants.yaml line 40: fields › 5 › limits › 4: needs one of above, below, rises and falls.",
      "plants.yaml line 41: fields › 5 › limits › 5: cannot predict a rate: predict goes with above or below.",
      "plants.yaml line 42: fields › 5 › limits › 6: predicts an alarm that it does not raise.",
      "plants.yaml line 43: fields › 6 › limits: has a limit twice.",
    ]);
  });

  it.each([
    ["a list", "- 1", "line 1: must be a mapping of chats, "],
    ["chats that are none", "chats: [a]", "line 1: chats: must be a mapping of names to Telegram ids."],
    ["a name that only JavaScript knows", "routes: [{ to: toString }]", "line 1: routes › 1 › to: I know no chat"],
    ["a heartbeat of both kinds", "heartbeats: [{ topic: a, field: 1 }]", "not both."],
    ["two heartbeats of one name", "heartbeats: [{ field: 1 }, { field: 1 }]", "line 1: heartbeats: has a name twice"],
    ["two settings of one field", "fields: [{ field: 1 }, { field: 1 }]", "line 1: fields: has a field twice"],
    [
      "a limit of nothing",
      "fields: [{ field: 1, limits: [{}] }]",
      "line 1: fields › 1 › limits › 1: needs one of above",
    ],
    [
      "a member of no message",
      "fields: [{ field: 1, value: nTemp }]",
      "line 1: fields › 1: has a value without a topic",
    ],
    ["a key that stands there twice", "routes: []\nroutes: []\n", "line 2: Map keys must be unique."],
    ["a tag", "a: !!js/function x", "line 1: Unresolved tag"],
    ["two documents", "---\nroutes:\n---\nroutes:\n", "line 3: Source contains multiple documents"],
    ["an alias of nothing", "routes: *x", "Unresolved alias"],
    ["an alias of itself", "routes: &a [*a]", "line 1: routes › 1: must be a mapping"],
    ["no end of brackets", "[".repeat(5_000), "line 1: Maximum call stack size exceeded."],
  ])("%s", (_, text, problem) => {
    const problems = refusals(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`plants.yaml`);
    expect(problems[0]).toContain(problem);
  });

  it("aliases that unfold without end are not followed", () => {
    const ten = (name: string) => `[${Array(10).fill(name).join(", ")}]`;
    const text = ["a: &a1 [1]", ...[2, 3, 4, 5, 6, 7, 8, 9].map((n) => `b${n}: &a${n} ${ten(`*a${n - 1}`)}`)].join(
      "\n",
    );
    expect(refusals(text)).toEqual([expect.stringContaining("Excessive alias count")]);
  });
});

describe("readPlantsFile", () => {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-plants-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const fileOf = (content: string | Uint8Array): string => {
    const path = join(folder, "site.yaml");
    writeFileSync(path, content);
    return path;
  };

  it("names the file by its last name", async () => {
    await expect(readPlantsFile(fileOf("a: 1"))).rejects.toMatchObject({
      problems: [expect.stringMatching(/^site\.yaml line 1: a: is not a key/)],
    });
  });

  it("does not mind the mark that Windows puts in front of a text", async () => {
    expect(await readPlantsFile(fileOf("\uFEFFshifts: [07:00]\r\n"))).toMatchObject({ shiftStarts: [420] });
  });

  it.each([
    ["no such file", () => join(folder, "none.yaml"), /^PLANTS_FILE: cannot read .*none\.yaml \(ENOENT\)\.$/],
    ["a folder", () => folder, /\(it is a folder\)\.$/],
    ["what is too large", () => fileOf("#".repeat(128_001)), /^site\.yaml is larger than 128 kB\.$/],
    ["what has no end", () => "/dev/zero", /\/dev\/zero \(it is not a regular file\)\.$/],
    ["what is not text", () => fileOf(Uint8Array.of(0x61, 0xff)), /^site\.yaml is not text in UTF-8\.$/],
  ])("refuses %s", async (_, path, problem) => {
    await expect(readPlantsFile(path())).rejects.toMatchObject({
      name: "ConfigError",
      problems: [expect.stringMatching(problem)],
    });
  });

  it("takes a file that is just not too large", async () => {
    expect(await readPlantsFile(fileOf("#".repeat(128_000)))).toEqual(DEFAULT_PLANTS);
  });
});
