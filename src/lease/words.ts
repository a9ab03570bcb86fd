import type { OwnMessage } from "../alarms/payloads/own.ts";
import { ConfigError } from "../lib/errors.ts";
import type { StatusLine } from "../lib/status-line.ts";
import { formatDuration, formatInstant } from "../lib/time/time.ts";
import type { Process, TakeOver } from "./types.ts";

/** What the lease shows of itself in /status. */
export interface LeaseView {
  readonly processes: () => readonly Process[];
  readonly takenOver: () => TakeOver | null;
}

const nameOf = ({ host, pid }: Pick<Process, "host" | "pid">): string => `process ${pid} on ${host}`;

/** One that fell silent, and whose place nobody took since: if the active one ends now, there is one less to take over. */
export const missing = (processes: readonly Process[]): readonly Process[] =>
  processes.filter(({ isHeard, isReplaced }) => !isHeard && !isReplaced);

/** What the admins are told of a take-over; `null`: it was a first start, or a start anew by itself. */
export function takeOverMessage(
  me: Pick<Process, "host" | "pid">,
  takeOver: TakeOver,
  timeZone: string,
): OwnMessage | null {
  const { from, heardAt, isHandedOver, wasAlone, at } = takeOver;
  if (from === null || heardAt === null || wasAlone) return null;
  const why = isHandedOver
    ? "which was stopped and handed over"
    : `which fell silent at ${formatInstant(heardAt, timeZone, at)}`;
  const message = `Take-over: ${nameOf(me)} is active now, in the place of ${nameOf(from)}, ${why}.`;
  return { id: "take-over", message, severity: isHandedOver ? "info" : "warning", state: null, isForAdmins: true };
}

/** All processes, who is active and since when, and the last take-over; none where there can be but one. */
export function processLines({ processes, takenOver }: LeaseView, timeZone: string, now: number): StatusLine[] {
  const found = processes();
  const [me] = found;
  const takeOver = takenOver();
  if (me === undefined || takeOver === null) return [];
  const lines = found
    // Who was active until now is in the last take-over.
    .filter(({ id, isHeard, isActive, isReplaced }) => id === me.id || (isHeard ? !isActive : !isReplaced))
    .map((one): StatusLine => {
      const words = `${nameOf(one)}, ${one.version}`;
      if (one.id === me.id) {
        return { level: "ok", name: "Active", detail: `${words}, since ${formatInstant(takeOver.at, timeZone, now)}` };
      }
      if (!one.isHeard) {
        const detail = `${words}: silent since ${formatInstant(one.seenAt, timeZone, now)}`;
        return { level: "warning", name: "Process", detail, isForAdmins: true };
      }
      if (one.schema < me.schema) {
        const detail = `${words}: cannot take over, as it is older than the database: update it`;
        return { level: "warning", name: "Standby", detail, isForAdmins: true };
      }
      return { level: "ok", name: "Standby", detail: words };
    });
  const { from, heardAt, isHandedOver } = takeOver;
  if (from !== null && heardAt !== null) {
    const why = isHandedOver ? "handed over" : `silent for ${formatDuration(takeOver.at - heardAt)}`;
    const detail = `${formatInstant(takeOver.at, timeZone, now)}, from ${nameOf(from)}: ${why}`;
    lines.push({ level: "ok", name: "Last take-over", detail });
  }
  return lines;
}

/** Why a process may not stand by. */
export const otherSettings = (holder: string): ConfigError =>
  new ConfigError([
    `DATABASE_URL: another Valvomo (${holder}) is active at this database, with another bot or another MQTT_CLIENT_ID. A process that stands by needs the same settings; a separate Valvomo needs a database of its own.`,
  ]);
