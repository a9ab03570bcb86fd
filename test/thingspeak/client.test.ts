import { describe, expect, it } from "vitest";
import { UpstreamError } from "../../src/lib/errors.ts";
import { connect, count, KEY, NOW, reasonOf, startFixed, startServer, WEEK } from "./support.ts";

const upTo = (length: number): number[] => Array.from({ length }, (_, index) => index);

it("knows whether a field has entries before an instant, by one of them", async () => {
  const server = await startServer();
  server.load(7, count(10));
  const client = connect(server.url);
  const hasBefore = (at: number) => client.hasBefore({ field: 1, at });
  expect([await hasBefore(NOW - 9_000), await hasBefore(NOW - 8_000), await hasBefore(NOW)]).toEqual([
    false,
    true,
    true,
  ]);
  expect(server.requests[0]!.target).toBe(
    "/channels/7/fields/1.csv?start=2010-01-01%2000%3A00%3A00&end=2026-11-22%2011%3A59%3A50&results=1",
  );
});

describe("read", () => {
  it("gets 20,000 entries over three pages, each once and in order of time", async () => {
    const server = await startServer();
    server.load(7, count(20_000));
    const { times, values } = await connect(server.url).read({ field: 1, ...WEEK });
    expect([...values]).toEqual(upTo(20_000));
    expect(times[0]).toBe(NOW - 19_999_000);
    expect(times.at(-1)).toBe(NOW);
    expect(server.requests).toHaveLength(3);
    expect(server.requests[0]!.target).toBe(
      `/channels/7/fields/1.csv?start=2026-11-15%2012%3A00%3A00&end=2026-11-22%2012%3A00%3A00&results=8000`,
    );
    expect(server.requests[0]!.target).not.toContain(KEY);
  });

  it("loses and repeats nothing when one second lies across the page's edge", async () => {
    const server = await startServer();
    // Entries 11,990 to 12,010 share a second; the newest 8000 begin at 12,000.
    server.load(
      7,
      count(20_000, (index) => (index >= 11_990 && index <= 12_010 ? 12_000 : index) - 19_999),
    );
    const { values } = await connect(server.url).read({ field: 1, ...WEEK });
    expect([...values]).toEqual(upTo(20_000));
  });

  it("ends when one second holds more than a page, and still gets what is before it", async () => {
    const server = await startServer();
    server.load(
      7,
      count(9_000, (index) => (index < 500 ? index - 10_000 : -60)),
    );
    const { values } = await connect(server.url).read({ field: 1, ...WEEK });
    expect(values).toHaveLength(8_500);
    expect(Array.from(values.slice(0, 500))).toEqual(upTo(500));
    expect(values.at(-1)).toBe(8_999);
  });

  it("takes both ends of the period in, to the second", async () => {
    const server = await startServer();
    server.load(7, count(10));
    const client = connect(server.url);
    const { values } = await client.read({ field: 1, startAt: NOW - 5_500, endAt: NOW - 1_001 });
    expect([...values]).toEqual([4, 5, 6, 7]);
    const between = await client.read({ field: 1, startAt: NOW - 5_500, endAt: NOW - 5_100 });
    expect(between.values).toHaveLength(0);
  });

  it("keeps blanks and words as NaN, and puts a back-dated entry in its place", async () => {
    const server = await startServer();
    server.append(7, { at: NOW - 3_000, field1: "nan" });
    server.append(7, { at: NOW - 2_000, field4: 9_000 });
    server.append(7, { at: NOW - 1_000, field1: "21,5" });
    server.append(7, { at: NOW - 4_000, field1: "Clouds" });
    server.append(7, { at: NOW - 9_000, field1: "7" });
    const { times, values } = await connect(server.url).read({ field: 1, ...WEEK });
    expect([...values]).toEqual([7, NaN, NaN, NaN, 21.5]);
    expect([...times].map((at) => (at - NOW) / 1_000)).toEqual([-9, -4, -3, -2, -1]);
  });

  it("sorts and dedupes an answer in any order and any zone", async () => {
    const url = await startFixed(
      "created_at,entry_id,field1\n2026-11-22 07:00:00 +0530,3,30\n2026-11-21 20:00:00 -0500,2,20\n2026-11-21 20:00:00 -0500,2,20\n",
    );
    const { times, values } = await connect(url).read({ field: 1, ...WEEK });
    expect([...values]).toEqual([20, 30]);
    expect([...times]).toEqual([Date.UTC(2026, 10, 22, 1), Date.UTC(2026, 10, 22, 1, 30)]);
  });

  it("keeps entries that have one id but not one time, as after a channel was cleared", async () => {
    const url = await startFixed(
      "created_at,entry_id,field1\n2026-11-22 01:00:00 UTC,1,10\n2026-11-22 02:00:00 UTC,1,20\n2026-11-22 02:00:00 UTC,1,20\n",
    );
    expect([...(await connect(url).read({ field: 1, ...WEEK })).values]).toEqual([10, 20]);
  });

  it("gives an empty period as empty", async () => {
    const server = await startServer();
    expect((await connect(server.url).read({ field: 1, ...WEEK })).times).toHaveLength(0);
  });

  it("refuses a period with more entries than it may hold", async () => {
    const server = await startServer();
    server.load(7, count(20_000));
    const reading = connect(server.url, { maxEntries: 10_000 }).read({ field: 1, ...WEEK });
    await expect(reading).rejects.toThrow(new UpstreamError("tooMany", "the period holds more than 10000 entries"));
    expect(server.requests).toHaveLength(2);
  });

  it("refuses a server that repeats itself", async () => {
    const lines = upTo(8_000).map((index) => `${new Date(NOW - index * 1_000).toISOString().slice(0, 19)}Z,${index},1`);
    const url = await startFixed(["created_at,entry_id,field1", ...lines, ""].join("\n"));
    expect(await reasonOf(connect(url).read({ field: 1, ...WEEK }))).toBe("malformed");
  });

  it("stops when its caller does", async () => {
    const server = await startServer();
    server.fault({ kind: "hang" });
    const controller = new AbortController();
    const reading = connect(server.url).read({ field: 1, ...WEEK, signal: controller.signal });
    controller.abort(new Error("the person left"));
    await expect(reading).rejects.toThrow("the person left");
  });
});

describe("channel and fields", () => {
  it("come with the owner's labels, and are asked for again after five minutes", async () => {
    const server = await startServer();
    let now = NOW;
    const client = connect(server.url, { now: () => now });
    expect(await client.channel()).toEqual({
      name: "AMB",
      createdAt: NOW - 365 * 86_400_000,
      fields: [
        { number: 1, label: "Coil temperature" },
        { number: 4, label: "Rotor speed" },
      ],
    });
    expect(await client.fields()).toHaveLength(2);
    now += 299_999;
    await client.fields();
    expect(server.requests).toHaveLength(1);
    now += 1;
    // Several who ask at once share one question.
    await Promise.all([client.fields(), client.channel(), client.fields()]);
    expect(server.requests).toHaveLength(2);
  });

  it("say what is wrong", async () => {
    const { url } = await startServer();
    expect(await reasonOf(connect(url, { readApiKey: "wrong" }).fields())).toBe("forbidden");
    expect(await reasonOf(connect(await startFixed("<html>")).fields())).toBe("malformed");
    expect(await reasonOf(connect(await startFixed("{}")).fields())).toBe("malformed");
  });
});

describe("latest", () => {
  it("is the newest entry of each field that has one", async () => {
    const server = await startServer();
    const client = connect(server.url);
    server.append(7, { at: NOW - 60_000, field1: "61.25" });
    expect(await client.latest()).toEqual([{ field: 1, label: "Coil temperature", value: "61.25", at: NOW - 60_000 }]);
    server.append(7, { at: NOW - 1_000, field4: "stopped" });
    expect(await client.latest()).toEqual([
      { field: 1, label: "Coil temperature", value: "61.25", at: NOW - 60_000 },
      { field: 4, label: "Rotor speed", value: "stopped", at: NOW - 1_000 },
    ]);
  });

  it("tells an empty channel from a key that was revoked", async () => {
    const server = await startServer();
    const client = connect(server.url);
    expect(await client.latest()).toEqual([]);
    server.addChannel({ id: 7, name: "AMB", labels: { 1: "T" }, readApiKey: "another", writeApiKey: "W" });
    expect(await reasonOf(client.latest())).toBe("forbidden");
  });
});
