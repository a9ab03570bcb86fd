import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OwnMessage } from "../../src/alarms/own.ts";
import { ConfigError } from "../../src/errors.ts";
import { openLivePlants, type LivePlants } from "../../src/plants/live-plants.ts";
import { silentLog } from "../support/log.ts";

let folder: string;
let path: string;
let told: OwnMessage[];
let live: LivePlants;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "valvomo-plants-"));
  path = join(folder, "plants.yaml");
  told = [];
  writeFileSync(path, "chats: { hall: -7 }\nroutes: [{ to: hall }]\n");
  live = await open();
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (of: string | null = path): Promise<LivePlants> =>
  openLivePlants({ path: of, report: async (message) => void told.push(message), log: silentLog });
/** As editors do it: a new file takes the place of the old one. */
function replace(text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

describe("the plants file while it runs", () => {
  it("is followed when another takes its place, and not read when nothing changed", async () => {
    const { plants } = live;
    expect(plants.routes).toHaveLength(1);
    const before = plants.routes;
    await live.look();
    expect(plants.routes).toBe(before);
    replace(
      "chats: { hall: -7, boss: 8 }\nroutes: [{ to: hall }, { to: boss, severity: critical }]\nshifts: ['04:00']\n",
    );
    await live.look();
    expect(plants.routes.map(({ to }) => to[0]?.chatId)).toEqual([-7, 8]);
    expect(plants.shiftStarts).toEqual([240]);
    expect(told).toEqual([]);
  });

  it("changes nothing while it is wrong or away; that is an alarm, with the line, until it is right again", async () => {
    replace("chats: { hall: -7 }\nroutes: [{ to: nobody }]\nshifts: ['25:00']\n");
    await live.look();
    await live.look();
    expect(live.plants.routes[0]?.to[0]?.name).toBe("hall");
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ id: "plants file", state: "active", severity: "warning" });
    expect(told[0]?.message).toMatch(
      /stays in force\.\nplants\.yaml line 2: .*nobody.*\nplants\.yaml line 3: .*no time of day/,
    );
    rmSync(path);
    await live.look();
    expect(told[1]?.message).toContain("cannot read");
    replace("routes: []\n");
    await live.look();
    expect(told[2]).toMatchObject({ state: "cleared" });
    expect(live.plants.routes).toEqual([]);
  });

  it("must be right at the start, and need not be there", async () => {
    replace("routes: 7\n");
    await expect(open()).rejects.toThrow(ConfigError);
    const none = await open(null);
    await none.look();
    expect(none.plants.routes).toEqual([]);
  });
});
