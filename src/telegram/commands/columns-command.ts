import { hash } from "node:crypto";
import { Composer, type Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import type { OwnColumns } from "../../measurements/own-columns.ts";
import { shorten } from "../../alarms/text.ts";
import { parseDecimal } from "../../lib/text/number.ts";
import { namesZone, type FileColumns, type FileSample } from "../../sources/file-columns.ts";
import { toast } from "../access/card-buttons.ts";
import type { Command } from "../access/command.ts";
import { handled, type Handled } from "../access/outcome.ts";
import { reply, turnPage } from "../access/reply.ts";
import { html, lines, type Html } from "../api/render.ts";

/** A message has a hundred buttons at the most; so many columns can still be found. */
const MAX_COLUMNS = 60;
const MAX_FIELDS = 8;
const MAX_NAME = 24;
const MAX_CELL = 20;

/** A press: which file it was, the column of the time, those of the fields, and what of it is to be done. Columns are numbers to the base of 36. */
const PRESS = /^columns:([\w-]{6}):(\w{1,2})(?::([\w.]{0,32})(?::(ok|utc|here))?)?$/;

interface ColumnsScreen {
  readonly text: Html;
  readonly keyboard: InlineKeyboardButton[][];
}

/** `/columns`: an admin says what the columns of a file with names of its own hold, step by step; each step is told by its buttons alone. */
export function createColumnsCommand(options: {
  /** `null`: no file is plotted. */
  readonly columns: FileColumns | null;
  /** IANA name: whose clock a plant's times may be of. */
  readonly timeZone: string;
}): { readonly command: Command; readonly buttons: Composer<Context> } {
  const { columns, timeZone } = options;

  async function press(ctx: Context & { match: string | RegExpMatchArray }): Promise<Handled> {
    const [, mark, time = "", chosen, done] = ctx.match;
    const sample = (await columns?.sample()) ?? null;
    if (columns === null || sample === null || markOf(sample) !== mark || columns.isInPlants()) {
      return { result: "not done", tell: () => toast(ctx, "The file has other columns now: write /columns again.") };
    }
    const timeAt = Number.parseInt(time, 36);
    const fields = chosen === undefined ? numbersAmong(sample, timeAt) : placesIn(chosen);
    const needsZone = !namesZone(sample.cells[timeAt] ?? "");
    if (done === undefined || fields.length === 0) return show(ctx, fieldsScreen(sample, timeAt, fields));
    if (done === "ok" && needsZone) return show(ctx, zoneScreen(sample, timeAt, fields, timeZone));
    const own = columnsOf(sample, timeAt, fields, needsZone ? (done === "utc" ? "UTC" : timeZone) : null);
    if (own === null) return show(ctx, timeScreen(sample));
    await columns.save(own);
    const words = shorten(`time ${own.time}, fields ${own.fields.join(", ")}`, 200);
    return { result: words, tell: () => show(ctx, { text: keptView(sample, own), keyboard: [] }) };
  }

  const buttons = new Composer<Context>();
  buttons.callbackQuery(PRESS, handled(press));
  return {
    command: {
      name: "columns",
      description: "Say what the columns of the CSV file are (admins)",
      topic: "plant",
      usage: ["/columns"],
      right: { role: "admin" },
      async run(ctx) {
        const sample = (await columns?.sample()) ?? null;
        if (columns === null)
          return reply(ctx, html`This is for a CSV file, and none is set. An admin names one in FEED_FILE.`);
        if (sample === null)
          return reply(
            ctx,
            html`Nothing to choose: the file has ThingSpeak's columns, or no columns that I can read: commas go between them.`,
          );
        if (columns.isInPlants())
          return reply(ctx, html`The plants file says which columns to plot, under “file”: change it there.`);
        const { text, keyboard } = timeScreen(sample);
        await reply(ctx, text, { reply_markup: { inline_keyboard: keyboard } });
      },
    },
    buttons,
  };
}

async function show(ctx: Context, { text, keyboard }: ColumnsScreen): Promise<void> {
  await toast(ctx, "");
  await turnPage(ctx, text, keyboard);
}

/** Tells one line of names from another. */
const markOf = ({ names }: FileSample): string => hash("sha256", names.join("\n"), "base64url").slice(0, 6);

const placesIn = (chosen: string): readonly number[] =>
  chosen === "" ? [] : chosen.split(".").map((place) => Number.parseInt(place, 36));
const written = (places: readonly number[]): string => places.map((place) => place.toString(36)).join(".");

/** The columns that hold numbers, from the first on. */
const numbersAmong = ({ cells }: FileSample, timeAt: number): readonly number[] =>
  cells
    .slice(0, MAX_COLUMNS)
    .flatMap((cell, i) => (i !== timeAt && !Number.isNaN(parseDecimal(cell)) ? [i] : []))
    .slice(0, MAX_FIELDS);

function columnsOf(
  { names }: FileSample,
  timeAt: number,
  places: readonly number[],
  zone: string | null,
): OwnColumns | null {
  const time = names[timeAt];
  const fields = places.flatMap((place) => names[place] ?? []);
  return time === undefined || fields.length === 0 || fields.length > MAX_FIELDS ? null : { time, fields, zone };
}

/** `Kühler (°C) · 82.1`: a column and what stands in it. */
function columnWords({ names, cells }: FileSample, place: number): string {
  const cell = cells[place]?.trim() ?? "";
  const name = shorten(names[place]?.trim() || `Column ${place + 1}`, MAX_NAME);
  return cell === "" ? name : `${name} · ${shorten(cell, MAX_CELL)}`;
}

function timeScreen(sample: FileSample): ColumnsScreen {
  const button = (_: string, place: number): InlineKeyboardButton[] => [
    { text: columnWords(sample, place), callback_data: `columns:${markOf(sample)}:${place.toString(36)}` },
  ];
  return {
    text: lines(
      html`<b>${sample.name}</b>: which column is the time?`,
      sample.names.length > MAX_COLUMNS ? html`The plants file can name the other columns.` : null,
    ),
    keyboard: sample.names.slice(0, MAX_COLUMNS).map(button),
  };
}

function fieldsScreen(sample: FileSample, timeAt: number, chosen: readonly number[]): ColumnsScreen {
  const begin = `columns:${markOf(sample)}:${timeAt.toString(36)}:`;
  const toggled = (place: number): readonly number[] =>
    chosen.includes(place) ? chosen.filter((one) => one !== place) : [...chosen, place].slice(0, MAX_FIELDS);
  const button = (place: number): InlineKeyboardButton[] => {
    const field = chosen.indexOf(place) + 1;
    const mark = field > 0 ? `${field} ✓` : "·";
    return [{ text: `${mark} ${columnWords(sample, place)}`, callback_data: begin + written(toggled(place)) }];
  };
  const others = sample.names.slice(0, MAX_COLUMNS).flatMap((_, place) => (place === timeAt ? [] : [place]));
  const save = chosen.length === 0 ? [] : [[{ text: "Save", callback_data: `${begin}${written(chosen)}:ok` }]];
  return {
    text: lines(
      html`<b>${sample.name}</b>: the time is ${columnWords(sample, timeAt)}. Which columns are field 1, 2 … 8?`,
      html`Press them in their order, then Save.`,
    ),
    keyboard: [...others.map(button), ...save],
  };
}

function zoneScreen(sample: FileSample, timeAt: number, chosen: readonly number[], timeZone: string): ColumnsScreen {
  const begin = `columns:${markOf(sample)}:${timeAt.toString(36)}:${written(chosen)}:`;
  const utc = { text: "UTC", callback_data: `${begin}utc` };
  return {
    text: html`<b>${sample.name}</b>: ${sample.cells[timeAt] ?? "its times"} names no zone. Whose clock is it?`,
    keyboard: [timeZone === "UTC" ? [utc] : [{ text: timeZone, callback_data: `${begin}here` }, utc]],
  };
}

const keptView = ({ name }: FileSample, { time, fields, zone }: OwnColumns): Html =>
  lines(
    html`<b>${name}</b> is plotted now: try /plot 1 24h. /columns changes it.`,
    html`The time is ${time}${zone === null ? "" : ` (${zone})`}.`,
    ...fields.map((field, i) => html`Field ${i + 1} is ${field}.`),
  );
