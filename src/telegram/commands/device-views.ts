import type { InlineKeyboardButton } from "grammy/types";
import { abbreviate, clean, inOneLine, shorten } from "../../alarms/text.ts";
import type { Device, DevicePresence, Member } from "../../devices/types.ts";
import { isPermitted, type Asker } from "../../devices/permitted.ts";
import { formatValue } from "../../measurements/measurement.ts";
import { encodeView, viewOf } from "../../plots/view.ts";
import { formatDuration, formatInstant, type Moment } from "../../lib/time/time.ts";
import { PLOT_PRESS } from "../plots/plot-view.ts";
import { INDENT, MAX_INDENTED } from "../cards/alarm-lines.ts";
import { inRows } from "../cards/buttons.ts";
import { pageOf, pager, pageWords } from "./pages.ts";
import { fit, html, lines, type Html } from "../api/render.ts";

/** A device as somebody may see it. */
export interface ShownDevice {
  readonly device: Device;
  readonly presence: Omit<DevicePresence, "root"> | null;
}

/** What the buttons are called inside. */
export const DEVICE_PRESS = { list: "devices", open: "device", live: "live" } as const;

const DEVICES_PER_PAGE = 8;
export const MEMBERS_PER_PAGE = 12;
const NEWEST = 3;
const MAX_NAME = 60;
const MAX_BUTTON = 30;
/** Two buttons beside each other, on a narrow phone. */
const MAX_PLOT = 18;
const PLOTS_PER_ROW = 2;
/** Beside a name, in a list. */
const MAX_VALUE = 14;
const DAY = 24 * 3_600_000;
const MAX_LINE = 120;
/** A value is told with its age from then on: what changes rarely is sent rarely, and is not old at once. */
const OLD_MS = 10 * 60_000;
/** The digits that a PLC's REAL has; what follows was added by making a double of it. */
const REAL_DIGITS = 7;

/** The members that somebody may see. */
export const visibleMembers = (device: Device, asker: Asker): readonly Member[] =>
  device.members.filter(({ permittedUsers }) => permittedUsers === null || isPermitted(permittedUsers, asker));

/** All devices, a page at a time. */
export function devicesView(devices: readonly ShownDevice[], asker: Asker, page: number, moment: Moment): Html {
  if (devices.length === 0)
    return html`No device has described itself. Devices come by the topics of TWINCAT_MAIN_TOPICS; /status tells how the broker is.`;
  const shown = pageOf(devices, page, DEVICES_PER_PAGE);
  const head = html`<b>Devices</b>${pageWords(devices.length, page, DEVICES_PER_PAGE)}`;
  return fit(
    head,
    shown.map(({ device, presence }) => {
      const members = visibleMembers(device, asker);
      const newest = members.toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0)).slice(0, NEWEST);
      const rest = members.length - newest.length;
      return lines(
        html`${device.icon} <b>${abbreviate(nameOfDevice(device), MAX_INDENTED)}</b>`,
        html`${INDENT}${stateOf(presence, (since) => ` for ${formatDuration(moment.now - since)}`)}`,
        ...newest.map((member) => html`${INDENT}${shortOf(member)}`),
        members.length === 0 ? html`${INDENT}no values yet` : null,
        rest > 0 ? html`${INDENT}+${rest} more` : null,
      );
    }),
  );
}

/** A button for each device of a page, and to the pages beside it. */
export function devicesButtons(devices: readonly ShownDevice[], page: number): InlineKeyboardButton[][] {
  const shown = pageOf(devices, page, DEVICES_PER_PAGE);
  return [
    ...shown.map(({ device }) => [
      button(`${device.icon} ${abbreviate(nameOfDevice(device), MAX_BUTTON)}`, `${DEVICE_PRESS.open}:${device.number}`),
    ]),
    pager(devices.length, page, DEVICES_PER_PAGE, (to) => `${DEVICE_PRESS.list}:${to}`),
  ].filter((row) => row.length > 0);
}

/** A device's values, a page of them. */
export function liveView(
  { device, presence }: ShownDevice,
  asker: Asker,
  card: { readonly page: number; readonly untilAt: number | null },
  moment: Moment,
): Html {
  const members = visibleMembers(device, asker);
  const shown = pageOf(members, card.page, MEMBERS_PER_PAGE);
  const items = shown.flatMap((member, i) => {
    const before = shown[i - 1]?.group ?? "";
    const head = member.group !== "" && (i === 0 || before !== member.group) ? [html`<b>${member.group}</b>`] : [];
    return [...head, memberLine(member, moment)];
  });
  const newestAt = Math.max(...members.map(({ at }) => at ?? 0));
  return lines(
    fit(
      html`${headOf(device, presence, moment)}${pageWords(members.length, card.page, MEMBERS_PER_PAGE)}`,
      members.length === 0 ? [html`No values yet.`] : items,
      undefined,
      MAX_LIVE,
    ),
    newestAt > 0 ? html`<i>Newest value ${formatInstant(newestAt, moment.timeZone, moment.now)}</i>` : null,
    card.untilAt === null
      ? html`<i>Not kept up to date.</i>`
      : html`<i>Kept up to date until ${formatInstant(card.untilAt, moment.timeZone, moment.now)}</i>`,
  );
}

/** With room for what stands below. */
const MAX_LIVE = 3_800;

/** A button to the plot of each member: the last day, and how it goes on. */
export function plotRows(
  plots: readonly { readonly number: number; readonly name: string }[],
  now: number,
): InlineKeyboardButton[][] {
  const buttons = plots.map(({ number, name }) => {
    const view = viewOf([number], { startAt: now - DAY, endAt: now, goesOn: "whole" });
    return button(`📈 ${abbreviate(name, MAX_PLOT)}`, `${PLOT_PRESS.draw}:${encodeView(view)}`);
  });
  return inRows(buttons, PLOTS_PER_ROW);
}

/** What is below a device's values. */
export function liveButtons(
  { number }: Pick<Device, "number">,
  count: number,
  page: number,
  isLive: boolean,
): InlineKeyboardButton[][] {
  const data = (to: number, what: "go" | "on" | "off"): string => `${DEVICE_PRESS.live}:${number}:${to}:${what}`;
  return [
    pager(count, page, MEMBERS_PER_PAGE, (to) => data(to, "go")),
    [isLive ? button("⏹ Stop", data(page, "off")) : button("🔴 Live for an hour", data(page, "on"))],
  ].filter((row) => row.length > 0);
}

function headOf(device: Device, presence: ShownDevice["presence"], { timeZone, now }: Moment): Html {
  const state = stateOf(presence, (since) => ` since ${formatInstant(since, timeZone, now)}`);
  return html`${device.icon} <b>${nameOfDevice(device)}</b> · ${state}`;
}

function stateOf(presence: ShownDevice["presence"], wordsOf: (since: number) => string): string {
  if (presence === null || presence.isUp === null) return "⚪ not heard from yet";
  return `${presence.isUp ? "🟢 online" : "🔴 offline"}${wordsOf(presence.since)}`;
}

/** A member in a line that does not wrap: the name gives way to its value. */
function shortOf(member: Member): string {
  const value = abbreviate(valueOf(member), MAX_VALUE);
  return `${abbreviate(nameOfMember(member), MAX_INDENTED - value.length - 1)} ${value}`;
}

function memberLine(member: Member, { now }: Moment): Html {
  const { min, max, at, value } = member;
  const isOutside = typeof value === "number" && ((min !== null && value < min) || (max !== null && value > max));
  const facts = [
    boundsOf(member),
    at === null ? "kept by the broker" : now - at > OLD_MS ? `${formatDuration(now - at)} ago` : null,
  ].filter((fact) => fact !== null);
  return html`${isOutside ? "⚠️ " : ""}${nameOfMember(member)}: <b>${valueOf(member)}</b>${facts.length === 0 ? "" : ` (${facts.join(", ")})`}`;
}

/** A member as people call it. */
export const nameOfMember = ({ displayName, path }: Pick<Member, "displayName" | "path">): string =>
  shorten(displayName ?? path, MAX_NAME);

/** A device's name, safe to show. */
export const nameOfDevice = ({ name }: Pick<Device, "name">): string => shorten(inOneLine(clean(name)), MAX_NAME);

/** A value with its unit; switches are on or off. */
export function valueOf({ value, unit, decimals }: Pick<Member, "value" | "unit" | "decimals">): string {
  if (value === null) return "no value";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "string") return `“${shorten(value, MAX_LINE)}”`;
  const isReal = decimals === null && !Number.isInteger(value);
  return formatValue(isReal ? Number(value.toPrecision(REAL_DIGITS)) : value, { unit, decimals });
}

/** `10 to 80`: as the program has them, in few letters, as each line of a phone has room for thirty. */
function boundsOf({ min, max }: Pick<Member, "min" | "max">): string | null {
  const bare = (value: number): string => valueOf({ value, unit: null, decimals: null });
  if (min === null) return max === null ? null : `max ${bare(max)}`;
  return max === null ? `min ${bare(min)}` : `${bare(min)} to ${bare(max)}`;
}

const button = (text: string, callback_data: string): InlineKeyboardButton => ({ text, callback_data });
