import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { labelsOf, openScene } from "../support/scene.ts";
import { ADMIN, GROUP, OTHER } from "../support/world.ts";

const [twoDaysAgo, yesterday] = [2, 1].map((days) => new Date(Date.now() - days * 86_400_000).getUTCFullYear());

it("commands and the texts of buttons are understood in any case", async () => {
  const s = await openScene();
  for (const text of ["/Status", "STATUS", " status ", "/STATUS@Valvomo_Demo_Bot"]) {
    expect((await s.ask(ADMIN, text)).text).toContain("Broker:");
  }
  expect((await s.ask(ADMIN, "HELP")).text).toMatch(/^What would you like to know\?/);
  expect((await s.ask(ADMIN, "get figure")).text).toBe("What shall I draw?");
  expect((await s.ask(ADMIN, "/CANCEL")).text).toBe("Cancelled.");
  expect((await s.ask(ADMIN, "/Alarm_999")).text).toBe("There is no alarm #999. /alarms shows the active ones.");
  // The gate knows them as well.
  expect((await s.ask(GROUP, "/Route error lut/# here", { userId: OTHER })).text).toContain(
    "Only an admin may do that",
  );
  expect((await s.ask(ADMIN, "/audit 1h")).text).toContain("/route");
});

it("a field that may be one of a few is asked for by buttons, which draw what was meant", async () => {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-typed-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "hall6.csv");
  const at = new Date(Date.now() - 60_000).toISOString().slice(0, 19);
  writeFileSync(path, `created_at,entry_id,field1,field2,field3\n${at}+00:00,1,50,2,3\n`);
  const s = await openScene({
    settings: { THINGSPEAK_CHANNEL_ID: "", THINGSPEAK_READ_API_KEY: "", FEED_FILE: path },
    plants:
      "fields: [{ field: 1, name: Coil temperature }, { field: 2, name: Coil current }, { field: 3, name: Rotor }]",
  });
  const asked = await s.ask(ADMIN, "/plot coil 2h");
  expect(asked.text).toContain("More than one field fits “coil”");
  expect(labelsOf(asked)).toEqual(["1 Coil temperature", "2 Coil current"]);
  expect(await s.press(asked, "1 Coil temperature")).toBe("Drawing…");
  const drawn = await s.telegram.waitFor(() => s.said(ADMIN).find(({ photo }) => photo !== null), 15_000);
  expect(drawn.caption).toMatch(/^Coil temperature\n/);
  // What was asked stays, for another one of them.
  expect(s.said(ADMIN).find(({ messageId }) => messageId === asked.messageId)?.text).toBe(asked.text);
});

it("times and lengths are read in every command that takes them, and what is not understood is said with examples of now", async () => {
  const s = await openScene();
  const answers = async (asked: Readonly<Record<string, RegExp>>): Promise<void> => {
    for (const [text, expected] of Object.entries(asked)) expect((await s.ask(ADMIN, text)).text).toMatch(expected);
  };
  await answers({
    "/timezone helsinki": /^Times in this chat are in Europe\/Helsinki\./,
    "/timezone Helsnki": /Is it Europe\/Helsinki\?/,
    "/quiet 22-6": /^Quiet hours: 22:00–06:00 /,
    "/quiet OFF": /no quiet hours/,
    "/report daily 7": /^A report comes each day at 07:00 /,
    "/report off": /no reports/,
    "/history 3 days": /^No alarm in the last 3 d\.$/,
    "/history 5q": /^I cannot read “5q” as a length of time\. Write it like \/history 24h/,
    "/history 1y": /^I cannot look back “1y”\./,
    "/audit 1 week": /^Nothing was noted in that time/,
    "/stats 5q": new RegExp(`^I cannot read “5q” as a time\\. Type a day such as ${yesterday}-`),
    "/plot 5q": new RegExp(`^I cannot read “5q” as a time\\. Type a day such as ${yesterday}-`),
    "/shelve 1 5q": /^I cannot read for how long\. Write it like \/shelve 42 4h/,
    "/shelve 1 8 days": /^An alarm can be shelved for a week at most\./,
    "/shelve 1 until 6:00 oil": /^There is no alarm #1\./,
  });
  const help = (await s.ask(ADMIN, "/help plots")).text;
  expect(help).toContain(`/plot ${twoDaysAgo}-`);
  expect(help).not.toContain("2018");
});
