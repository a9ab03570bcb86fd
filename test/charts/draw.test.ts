import { describe, expect, it } from "vitest";
import { drawChart } from "../../src/charts/draw.ts";
import type { ChartRequest } from "../../src/charts/request.ts";
import { decode } from "./picture.ts";
import { DAY_MS, lineOf, requestFor, seriesOf, START_AT } from "./request.ts";

/** A day at 15 s unless said otherwise. */
function requestOf(
  valueAt: (i: number) => number,
  { entries = 5_760, unit = "°C", ...more }: Partial<ChartRequest> & { entries?: number; unit?: string | null } = {},
): ChartRequest {
  return requestFor([lineOf(seriesOf(entries, valueAt), { unit })], more);
}

const wave = (i: number) => 58 + 9 * Math.sin(i / 900);
const draw = (request: ChartRequest) => decode(drawChart(request));

describe("drawChart", () => {
  it("makes a PNG of the size asked for, the same one each time", async () => {
    const png = drawChart(requestOf(wave));
    expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    expect(Buffer.compare(png, drawChart(requestOf(wave)))).toBe(0);
    expect(await decode(png)).toMatchObject({ width: 1280, height: 720 });
    expect(await draw(requestOf(wave, { width: 640, height: 360 }))).toMatchObject({ width: 640, height: 360 });
  });

  it("draws the line over the whole plot, and is neither blank nor full", async () => {
    const picture = await draw(requestOf(wave));
    const [left, right] = picture.lineSpan();
    expect(left).toBeLessThan(160);
    expect(right).toBeGreaterThan(1_080);
    for (let x = left; x <= right; x++) expect(picture.countLine(x), `column ${x}`).toBeGreaterThan(0);
    expect(picture.blankShare()).toBeGreaterThan(0.8);
    expect(picture.blankShare()).toBeLessThan(0.97);
  });

  it("places entries by their time in the period, not by their number", async () => {
    const picture = await draw(requestOf(wave, { endAt: START_AT + 2 * DAY_MS }));
    const [left, right] = picture.lineSpan();
    expect((right - left) / (1_230 - left)).toBeCloseTo(0.5, 1);
  });

  it("writes title and unit in a real font", async () => {
    const title = async (text: string) => (await draw(requestOf(wave, { title: text }))).countDark(0, 0, 640, 60);
    const [thin, wide, none] = [await title("iiiiiiii"), await title("WWWWWWWW"), await title("")];
    expect(thin).toBeGreaterThan(none + 300);
    expect(wide).toBeGreaterThan(2 * thin);
    const axis = async (unit: string | null) => {
      const picture = await draw(requestOf(wave, { unit }));
      return picture.countDark(0, 120, picture.lineSpan()[0] - 10, 640);
    };
    expect(await axis("°C")).toBeGreaterThan((await axis(null)) + 200);
    expect(drawChart(requestOf(wave, { timeZone: "UTC" }))).not.toEqual(drawChart(requestOf(wave)));
  });

  it("draws nothing in a gap, and all around it", async () => {
    const picture = await draw(requestOf((i) => (i > 2_000 && i < 3_500 ? Number.NaN : 58)));
    const [left, right] = picture.lineSpan();
    const columnOf = (i: number) => Math.round(left + ((right - left) * i) / 5_760);
    for (let x = columnOf(2_000) + 15; x < columnOf(3_500) - 15; x++)
      expect(picture.countLine(x), `column ${x}`).toBe(0);
    expect(picture.countLine(columnOf(2_000) - 15)).toBeGreaterThan(0);
    expect(picture.countLine(columnOf(3_500) + 15)).toBeGreaterThan(0);
  });

  it("draws a number that stands alone between gaps", async () => {
    const isLost = (i: number) => i > 1_000 && i < 4_000 && i !== 2_000;
    const picture = await draw(requestOf((i) => (isLost(i) ? Number.NaN : wave(i))));
    const [left, right] = picture.lineSpan();
    const x = Math.round(left + ((right - left) * 2_000) / 5_760);
    expect(Math.max(...Array.from({ length: 17 }, (_, i) => picture.countLine(x - 8 + i)))).toBeGreaterThan(3);
    expect(picture.countLine(x - 30) + picture.countLine(x + 30)).toBe(0);
  });

  it("shows one spike among 1,000,000 entries as a line up to its value", async () => {
    const entries = 1_000_000;
    const spiky = (i: number) => (i === 567_891 ? 99 : 50 + Math.sin(i * 7.13));
    const picture = await draw(requestOf(spiky, { entries }));
    const [left, right] = picture.lineSpan();
    const x = left + ((right - left) * 567_891) / entries;
    const highest = (from: number, to: number) => {
      for (let y = 0; y < picture.height; y++)
        for (let column = from; column < to; column++) if (picture.countLine(column, y, y + 1) > 0) return y;
      return picture.height;
    };
    const [spikeTop, elsewhereTop] = [highest(Math.floor(x) - 4, Math.ceil(x) + 4), highest(left, Math.floor(x) - 40)];
    expect(spikeTop).toBeLessThan(200);
    expect(elsewhereTop).toBeGreaterThan(500);
    const rows = Array.from({ length: elsewhereTop - spikeTop }, (_, y) => spikeTop + y);
    const isThere = (y: number) =>
      Array.from({ length: 8 }, (_, i) => picture.countLine(Math.floor(x) - 4 + i, y, y + 1));
    // At its foot, it is the soft edge of the band of all others.
    expect(rows.filter((y) => isThere(y).includes(1)).length / rows.length).toBeGreaterThan(0.8);
  });

  it("draws entries whose time goes backwards as those in order", () => {
    const request = requestOf(wave);
    const { times, values } = request.lines[0]!.series;
    const halves = (column: Float64Array) => Float64Array.of(...column.subarray(3_000), ...column.subarray(0, 3_000));
    const shuffled = { ...request, lines: [lineOf({ times: halves(times), values: halves(values) })] };
    expect(Buffer.compare(drawChart(shuffled), drawChart(request))).toBe(0);
  });

  it.each<[string, (i: number) => number, number]>([
    ["one entry", () => 71.25, 1],
    ["two entries", (i) => i, 2],
    ["a flat line", () => 70, 5_760],
    ["all zeros", () => 0, 5_760],
    ["negative values", (i) => -20 + 5 * Math.sin(i / 200), 5_760],
    ["huge values", (i) => 1e12 + i * 1e8, 5_760],
    ["tiny values", (i) => 1e-9 * (1 + Math.sin(i / 200)), 5_760],
    ["rounding errors of huge values", (i) => 1e12 + (i % 3) * 1e-4, 5_760],
    ["the largest numbers there are", (i) => (i % 2 === 0 ? 1e308 : -1e308), 50],
  ])("draws %s", async (_, valueAt, entries) => {
    const picture = await draw(requestOf(valueAt, { entries }));
    const [left, right] = picture.lineSpan();
    expect(left).toBeGreaterThan(60);
    expect(right).toBeLessThan(1_270);
    expect(picture.blankShare()).toBeGreaterThan(0.2);
  });

  it.each([
    ["no entry", 0],
    ["only blank entries", 5_760],
  ])("says so when there is %s", async (_, entries) => {
    const picture = await draw(requestOf(() => Number.NaN, { entries }));
    expect(picture.lineSpan()).toEqual([undefined, undefined]);
    expect(picture.countDark(380, 330, 900, 410)).toBeGreaterThan(1_000);
  });
});
