import { describe, expect, it } from "vitest";
import { UNMANNED } from "../../src/duty/addressee.ts";
import { openExchanges } from "../../src/duty/exchanges.ts";
import { createRota } from "../../src/duty/rota.ts";
import { exchanged, gapsOf, joined } from "../../src/duty/turn.ts";
import { parsePlants } from "../../src/plants/parse-plants.ts";
import { silentLog } from "../support/log.ts";

const HOUR = 3_600_000;
const MONDAY = Date.UTC(2026, 10, 2);
const person = (chatId: number) => ({ chatId, threadId: null, name: `P${chatId}` });
const turn = (from: number, to: number, who: number) => ({ startAt: from, endAt: to, who: person(who) });

const FILE = `
chats: { anna: 21, ben: 22, hall: -7 }
routes:
  - { to: duty, severity: error }
  - { to: [hall, duty] }
escalation:
  critical: { then: [{ after: 10m, to: duty }] }
duty:
  start: "2026-11-02"
  week:
    - { days: mon-fri, from: "06:00", to: "14:00", who: [anna, ben] }
    - { days: mon-fri, from: "14:00", to: "22:00", who: [ben, anna] }
`;

async function open(now: () => number, file = FILE) {
  const kept = new Map<string, unknown>();
  const keyValue = {
    read: async (name: string) => kept.get(name) ?? null,
    write: async (name: string, content: unknown) => void kept.set(name, JSON.parse(JSON.stringify(content))),
  };
  async function reopen() {
    const exchanges = await openExchanges(keyValue, now, silentLog);
    const plants = parsePlants(file, "plants.yaml");
    return {
      exchanges,
      duty: createRota({
        plants,
        changes: exchanges.changes,
        calendar: () => null,
        timeZone: "UTC",
        isRemoved: () => false,
        now,
      }),
    };
  }
  return { ...(await reopen()), reopen };
}

describe("whoever is on duty", () => {
  it("stands in routes and escalations in the place of duty, from the instant of the change on", async () => {
    let now = MONDAY + 6 * HOUR;
    const { duty } = await open(() => now);
    const told = () => duty.routes().map(({ to }) => to.map(({ chatId }) => chatId));
    const next = () => duty.escalations().critical.steps[0]?.to.chatId;
    expect([told(), next()]).toEqual([[[21], [-7, 21]], 21]);
    expect(duty.routes()).toBe(duty.routes());
    now = MONDAY + 14 * HOUR - 1;
    expect([told(), next()]).toEqual([[[21], [-7, 21]], 21]);
    now = MONDAY + 14 * HOUR;
    expect([told(), next()]).toEqual([[[22], [-7, 22]], 22]);
    // At night nobody is: that is for the admins.
    now = MONDAY + 22 * HOUR;
    expect([told(), next(), duty.current()]).toEqual([
      [[UNMANNED.chatId], [-7, UNMANNED.chatId]],
      UNMANNED.chatId,
      null,
    ]);
    // People take turns.
    now = MONDAY + 7 * 24 * HOUR + 6 * HOUR;
    expect(told()[0]).toEqual([22]);
    expect(duty.people().map(({ name }) => name)).toEqual(["anna", "ben"]);
  });

  it("is another when people changed the rota, after a restart too", async () => {
    const now = MONDAY + 7 * HOUR;
    const { duty, exchanges, reopen } = await open(() => now);
    await exchanges.give([
      { startAt: now, endAt: MONDAY + 9 * HOUR, who: { chatId: 22, threadId: null, name: "ben" } },
    ]);
    for (const one of [duty, (await reopen()).duty]) {
      const turns = one.turns().slice(0, 3);
      expect(turns.map(({ who, endAt }) => [who.name, (endAt - MONDAY) / HOUR])).toEqual([
        ["ben", 9],
        ["anna", 14],
        ["ben", 22],
      ]);
      expect(one.routes()[0]?.to[0]?.chatId).toBe(22);
    }
  });
});

describe("turns", () => {
  it("of one person that follow each other are one", () => {
    expect(joined([turn(5, 9, 1), turn(0, 5, 1), turn(10, 12, 1)])).toEqual([turn(0, 9, 1), turn(10, 12, 1)]);
  });

  it("give way to what was exchanged, in their middle too, and it may fill a gap", () => {
    expect(joined(exchanged([turn(0, 10, 1)], turn(4, 6, 2)))).toEqual([turn(0, 4, 1), turn(4, 6, 2), turn(6, 10, 1)]);
    expect(joined(exchanged([turn(0, 10, 1)], turn(10, 12, 2)))).toEqual([turn(0, 10, 1), turn(10, 12, 2)]);
  });

  it("leave gaps between them", () => {
    expect(gapsOf([turn(6, 8, 1), turn(0, 5, 1)], 2, 10)).toEqual([
      { startAt: 5, endAt: 6 },
      { startAt: 8, endAt: 10 },
    ]);
    expect(gapsOf([], 1, 2)).toEqual([{ startAt: 1, endAt: 2 }]);
    expect(gapsOf([turn(0, 5, 1)], 1, 5)).toEqual([]);
  });
});

describe("the rota of the plants file", () => {
  const problem =
    (duty: string, rest = "") =>
    () =>
      parsePlants(`chats: { anna: 21, hall: -7 }\n${rest}\nduty: ${duty}\n`, "p.yaml");
  it.each([
    ["{ week: [{ from: '06:00', to: '14:00', who: hall }] }", "duty › week › 1 › who: is a group: a person is on duty"],
    ["{ week: [{ from: '06:00', to: '14:00', who: bob }] }", "I know no chat “bob”"],
    ["{ week: [{ from: '06:00', to: '14:00', who: [anna, 22] }] }", "duty: needs a start"],
    ["{ week: [{ days: mon-xyz, from: '06:00', to: '14:00', who: anna }] }", "is not a day of the week"],
    ["{ start: 2026-02-30, week: [{ from: '06:00', to: '14:00', who: anna }] }", "duty › start: is not a day"],
    ["{ zone: Helsinki, week: [{ from: '06:00', to: '14:00', who: anna }] }", "duty › zone: is not a time zone"],
    ["{ week: [] }", "duty › week: names no shift"],
    [
      "{ week: [{ from: '06:00', to: '15:00', who: anna }, { from: '14:00', to: '22:00', who: anna }] }",
      "duty › week › 1: is still on when 2 starts: only one person is on duty",
    ],
  ])("is refused with a sentence: %s", (duty, sentence) => {
    expect(problem(duty)).toThrow(sentence);
  });

  it("is needed for duty as an address, unless a chat is called so", () => {
    expect(() => parsePlants("routes: [{ to: duty }]", "p.yaml")).toThrow(
      "names whoever is on duty, and no duty is in this file",
    );
    expect(parsePlants("chats: { duty: 5 }\nroutes: [{ to: duty }]", "p.yaml").routes[0]?.to).toMatchObject([
      { chatId: 5 },
    ]);
    expect(problem("{ week: [{ from: '06:00', to: '14:00', who: anna }] }", "routes: [{ to: duty }]\n")).not.toThrow();
    expect(() =>
      parsePlants(
        "chats: { duty: 5 }\nroutes: [{ to: duty }]\nduty: { week: [{ from: '06:00', to: '14:00', who: 5 }] }",
        "p.yaml",
      ),
    ).toThrow("give the chat another name");
  });

  it("takes days over the end of the week, and a day until 24:00", () => {
    const { duty } = parsePlants("duty: { week: [{ days: [fri-mon], from: '00:00', to: '24:00', who: 5 }] }", "p.yaml");
    expect(duty?.shifts[0]).toMatchObject({ weekdays: [5, 6, 7, 1], from: 0, to: 0 });
  });
});
