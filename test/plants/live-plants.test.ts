import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OwnMessage } from "../../src/alarms/payloads/own.ts";
import { ConfigError } from "../../src/lib/errors.ts";
import { openLivePlants, type LivePlants, type PlantsFollowers } from "../../src/plants/live-plants.ts";
import { silentLog } from "../support/log.ts";

let folder: string;
let path: string;
let told: OwnMessage[];
let changes: number;
/** Whether those who are told, and those who follow, fail. */
let isBroken: boolean;
let live: LivePlants;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "valvomo-plants-"));
  path = join(folder, "plants.yaml");
  [told, changes, isBroken] = [[], 0, false];
  writeFileSync(path, "chats: { hall: -7 }\nroutes: [{ to: hall }]\n");
  live = await open();
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (of: string | null = path): Promise<LivePlants> => openLivePlants({ path: of, log: silentLog });
const followers: PlantsFollowers = {
  async onChange() {
    if (isBroken) throw new Error("disk full");
    changes += 1;
  },
  async report(message) {
    if (isBroken) throw new Error("disk full");
    told.push(message);
  },
};
/** As editors do it: a new file takes the place of the old one. */
function replace(text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
/** Until the file has come to rest. */
async function look(): Promise<void> {
  await live.look(followers);
  await live.look(followers);
}

describe("the plants file while it runs", () => {
  it("is followed when another takes its place, and not read when nothing changed", async () => {
    const { plants } = live;
    const before = plants.routes;
    await look();
    expect(plants.routes).toBe(before);
    expect(changes).toBe(0);
    replace(
      "chats: { hall: -7, boss: 8 }\nroutes: [{ to: hall }, { to: boss, severity: critical }]\nshifts: ['04:00']\n",
    );
    await look();
    expect(plants.routes.map(({ to }) => to[0])).toMatchObject([{ chatId: -7 }, { chatId: 8 }]);
    expect(plants.shiftStarts).toEqual([240]);
    await look();
    expect(changes).toBe(1);
    expect(told.filter(({ state }) => state === "active")).toEqual([]);
  });

  it("is followed over a link that is turned to another folder, as Kubernetes does it", async () => {
    const link = join(folder, "linked.yaml");
    const turn = (text: string, name: string): void => {
      writeFileSync(join(folder, name), text);
      symlinkSync(join(folder, name), `${link}.new`);
      renameSync(`${link}.new`, link);
    };
    turn("shifts: ['04:00']", "first");
    live = await open(link);
    turn("shifts: ['05:00']", "second");
    await look();
    expect(live.plants.shiftStarts).toEqual([300]);
  });

  it("is not read while somebody is writing it", async () => {
    for (const half of ["", "routes:", "routes: []"]) {
      writeFileSync(path, half);
      await live.look(followers);
      expect(live.plants.routes).toHaveLength(1);
    }
    await live.look(followers);
    expect(live.plants.routes).toEqual([]);
  });

  it("changes nothing while it is wrong or away; that is an alarm, with the line, until it is right again", async () => {
    await look();
    told = [];
    replace("chats: { hall: -7 }\nroutes: [{ to: nobody }]\nshifts: ['25:00']\n");
    await look();
    await look();
    expect(live.plants.routes[0]?.to[0]?.name).toBe("hall");
    expect(changes).toBe(0);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ id: "plants file", state: "active", severity: "warning" });
    expect(told[0]?.message).toMatch(
      /stays in force\.\nplants\.yaml line 2: .*nobody.*\nplants\.yaml line 3: .*not a time of day/,
    );
    rmSync(path);
    await look();
    expect(told[1]?.message).toContain("cannot read");
    replace("routes: []\n");
    await look();
    expect(told[2]).toMatchObject({ id: "plants file", state: "cleared" });
    expect(live.plants.routes).toEqual([]);
  });

  it("names three problems, and how many more there are", async () => {
    replace("a: 1\nb: 1\nc: 1\nd: 1\ne: 1\n");
    await look();
    expect(told.at(-1)?.message.split("\n")).toHaveLength(5);
    expect(told.at(-1)?.message).toContain("line 3: c: is not a key");
    expect(told.at(-1)?.message).toMatch(/… and 2 more; see the log\.$/);
  });

  it("is told again, and followed again, when that failed", async () => {
    isBroken = true;
    await expect(live.look(followers)).rejects.toThrow("disk full");
    replace("routes: []\n");
    await expect(live.look(followers)).rejects.toThrow("disk full");
    await expect(live.look(followers)).rejects.toThrow("disk full");
    isBroken = false;
    await live.look(followers);
    expect(changes).toBe(1);
    expect(told.map(({ state }) => state)).toEqual(["cleared"]);
  });

  it("ends at the start what an earlier run told of it, once", async () => {
    await look();
    expect(told).toEqual([expect.objectContaining({ id: "plants file", state: "cleared" })]);
  });

  it("must be right at the start, and need not be there", async () => {
    replace("routes: 7\n");
    await expect(open()).rejects.toThrow(ConfigError);
    const none = await open(null);
    await none.look(followers);
    expect(none.plants.routes).toEqual([]);
  });
});
