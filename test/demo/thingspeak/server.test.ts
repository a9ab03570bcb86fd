import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startThingSpeak } from "../../../src/demo/thingspeak/server.ts";
import type { ThingSpeakServer } from "../../../src/demo/thingspeak/server.ts";

const START = Date.UTC(2026, 10, 22, 12);
const DAY = 86_400_000;
let now = START;
let server: ThingSpeakServer;

beforeEach(async () => {
  now = START;
  server = await startThingSpeak({ now: () => now });
  server.addChannel({
    id: 7,
    name: "AMB",
    labels: { 1: "Temperature", 3: "Voltage" },
    readApiKey: "R",
    writeApiKey: "W",
  });
  server.addChannel({ id: 8, name: "Open", labels: { 1: "Noise" }, readApiKey: null, writeApiKey: "W8" });
});
afterEach(() => server.stop());

async function get(target: string, init?: RequestInit): Promise<{ status: number; body: string }> {
  const response = await fetch(`${server.url}${target}`, init);
  return { status: response.status, body: await response.text() };
}

/** The entry ids of a CSV answer. */
async function idsOf(query: string): Promise<number[]> {
  const { body } = await get(`/channels/8/feeds.csv?${query}`);
  const rows = body.trimEnd().split("\n").slice(1);
  return rows.map((row) => Number(row.split(",")[1]));
}

describe("who may read", () => {
  it("refuses a wrong or missing key with -1, status 400 for feeds and 200 for last entries", async () => {
    expect(await get("/channels/7/feeds.csv?api_key=x")).toEqual({ status: 400, body: "-1" });
    expect(await get("/channels/7/fields/1.json")).toEqual({ status: 400, body: "-1" });
    expect(await get("/channels/7/fields/1/last.json")).toEqual({ status: 200, body: '"-1"' });
    expect(await get("/channels/7/fields/1/last.txt")).toEqual({ status: 200, body: "-1" });
  });

  it("takes the key as parameter or header, and none for a public channel", async () => {
    expect((await get("/channels/7/feeds.csv?api_key=R")).status).toBe(200);
    expect((await get("/channels/7/feeds.csv", { headers: { THINGSPEAKAPIKEY: "R" } })).status).toBe(200);
    expect((await get("/channels/8/feeds.csv")).status).toBe(200);
  });

  it("knows no other channel, field or path", async () => {
    for (const target of ["/channels/9/feeds.csv", "/channels/8/fields/2.csv", "/channels/8/feeds.xml", "/"]) {
      expect((await get(target)).status).toBe(404);
    }
  });
});

describe("which rows", () => {
  beforeEach(() => {
    const times = [START - 10 * DAY, START - 2 * DAY, START - DAY, START - 3_600_000, START];
    server.load(8, { times, columns: { field1: [1, 2, 3, 4, 5] } });
  });

  it.each([
    ["", [3, 4, 5]],
    ["minutes=60", [4, 5]],
    ["days=2", [2, 3, 4, 5]],
    ["days=30&minutes=10", [5]],
    ["results=2", [4, 5]],
    ["results=8000", [1, 2, 3, 4, 5]],
    ["start=2026-11-20%2012:00:00", [2, 3, 4, 5]],
    ["start=2026-11-20%2012:00:01&end=2026-11-22%2011:00:00", [3, 4]],
    ["start=2026-11-01&end=2026-11-22&results=1", [3]],
    ["end=2026-11-20%2012:00:00", []],
    ["start=2026-11-21%2013:00:00&timezone=Europe%2FBerlin", [3, 4, 5]],
    ["start=2026-11-21%2007:00:01&offset=-5", [4, 5]],
    ["start=2026-11-21%2012:00:00&timezone=Mars%2FPhobos", [3, 4, 5]],
  ])("%j gets %j", async (query, ids) => {
    expect(await idsOf(query)).toEqual(ids);
  });

  it("refuses what is not a date", async () => {
    expect((await get("/channels/8/feeds.csv?start=yesterday")).status).toBe(400);
  });

  it("gives the newest 8000 of more, 100 when nothing is asked for, oldest first", async () => {
    const times = Array.from({ length: 20_000 }, (_, index) => START + index * 1_000);
    server.load(8, { times, columns: { field1: times.map((_, index) => index) } });
    now = START + 20_000_000;
    const ids = await idsOf("days=1");
    expect([ids.length, ids[0], ids.at(-1)]).toEqual([8_000, 12_006, 20_005]);
    expect(await idsOf("")).toHaveLength(100);
  });

  it("holds entries in order of time, and refuses to load others", () => {
    expect(() => server.load(8, { times: [START - 1_000], columns: {} })).toThrow("older");
    expect(server.append(8, { at: START - 5 * DAY, field1: "late" })).toBe(6);
    return expect(idsOf("results=8000")).resolves.toEqual([1, 6, 2, 3, 4, 5]);
  });
});

describe("forms", () => {
  beforeEach(() => {
    server.append(7, { at: START - 1_500, field1: 21.5, status: 'all "well", so far' });
    server.append(7, { at: START, field3: "nan", latitude: 60.1 });
  });

  it("CSV with UTC dates, blanks and the fields in use", async () => {
    expect((await get("/channels/7/feeds.csv?api_key=R")).body).toBe(
      "created_at,entry_id,field1,field3\n2026-11-22 11:59:58 UTC,1,21.5,\n2026-11-22 12:00:00 UTC,2,,nan\n",
    );
  });

  it("CSV with an offset, location and status when asked for", async () => {
    const { body } = await get("/channels/7/fields/1.csv?api_key=R&timezone=Asia%2FKolkata&location=true&status=true");
    expect(body).toBe(
      "created_at,entry_id,field1,latitude,longitude,elevation,status\n" +
        '2026-11-22 17:29:58 +0530,1,21.5,,,,"all ""well"", so far"\n2026-11-22 17:30:00 +0530,2,,60.1,,,\n',
    );
    expect((await get("/channels/7/fields/1.csv?api_key=R&offset=-5")).body).toContain("2026-11-22 06:59:58 -0500,1,");
  });

  it("JSON with the labels and values as strings", async () => {
    const { body } = await get("/channels/7/feeds.json?api_key=R&results=1");
    expect(JSON.parse(body)).toMatchObject({
      channel: { id: 7, name: "AMB", field1: "Temperature", field3: "Voltage", last_entry_id: 2 },
      feeds: [{ created_at: "2026-11-22T12:00:00Z", entry_id: 2, field1: null, field3: "nan" }],
    });
    const one = JSON.parse((await get("/channels/7/fields/3.json?api_key=R&timezone=Europe%2FBerlin")).body);
    expect(one.channel.field1).toBeUndefined();
    expect(one.feeds[1]).toEqual({ created_at: "2026-11-22T13:00:00+01:00", entry_id: 2, field3: "nan" });
  });

  it("the newest entry, and of a field the newest that is not blank", async () => {
    expect(JSON.parse((await get("/channels/7/feeds/last.json?api_key=R")).body)).toMatchObject({ entry_id: 2 });
    expect(JSON.parse((await get("/channels/7/fields/1/last.json?api_key=R")).body)).toEqual({
      created_at: "2026-11-22T11:59:58Z",
      entry_id: 1,
      field1: "21.5",
    });
    expect((await get("/channels/7/fields/3/last.txt?api_key=R")).body).toBe("nan");
    expect((await get("/channels/8/fields/1/last.json")).body).toBe('"-1"');
  });
});

describe("/update", () => {
  it("takes an entry every 15 s and answers 0 in between", async () => {
    expect((await get("/update?api_key=W&field1=20")).body).toBe("1");
    now += 14_999;
    expect(await get("/update?api_key=W&field1=21")).toEqual({ status: 200, body: "0" });
    now += 1;
    const form = new URLSearchParams({ api_key: "W", field3: "8,1", created_at: "2026-11-22T13:00:00+02:00" });
    const answer = await get("/update.json", { method: "POST", body: form });
    expect(JSON.parse(answer.body)).toEqual({
      created_at: "2026-11-22T11:00:00Z",
      entry_id: 2,
      field1: null,
      field3: "8,1",
    });
    expect((await get("/channels/7/fields/3.csv?api_key=R")).body).toContain('2026-11-22 11:00:00 UTC,2,"8,1"\n');
  });

  it("refuses a wrong key and a broken date", async () => {
    expect(await get("/update?api_key=R&field1=20")).toEqual({ status: 400, body: "0" });
    expect((await get("/update?api_key=W&field1=20&created_at=soon")).body).toBe("0");
  });
});

describe("faults", () => {
  it("spoil the next requests in turn, and then all is well", async () => {
    server.append(8, { at: START, field1: 1 });
    server.fault({ kind: "status", status: 429, retryAfterSeconds: 2 });
    server.fault({ kind: "html" });
    server.fault({ kind: "cut" });
    server.fault({ kind: "slow", delayMs: 1 });

    const busy = await fetch(`${server.url}/channels/8/feeds.csv`);
    expect([busy.status, busy.headers.get("retry-after")]).toEqual([429, "2"]);
    expect((await get("/channels/8/feeds.csv")).body).toContain("<!DOCTYPE html>");
    await expect(get("/channels/8/feeds.csv")).rejects.toThrow("terminated");
    expect((await get("/channels/8/feeds.csv")).status).toBe(200);
    expect((await get("/channels/8/feeds.csv?results=3")).status).toBe(200);
    expect(server.requests.map(({ query }) => query)).toEqual([{}, {}, {}, {}, { results: "3" }]);
  });
});
