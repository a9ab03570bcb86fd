import type { Severity } from "../alarms/types.ts";
import type { Device, Member } from "../devices/types.ts";
import { memberSeries } from "../sources/member-source.ts";
import type { LevelRule } from "./rule.ts";
import type { WatchedSeries } from "./types.ts";

/** A device whose members bring their own limits along, in the PLC's program. */
export interface DeviceLimits {
  /** Its name, as /devices shows it. */
  readonly device: string;
  readonly severity: Severity;
  /** So long a limit is passed before that is an alarm, ms. */
  readonly holdMs: number;
  /** How far a value has to come back, from a limit. */
  readonly hysteresisOf: (limit: number) => number;
}

/** By which number everybody may see a member plotted; `null`: by none. */
export type NumberOf = (root: string, member: Pick<Member, "group" | "path">) => number | null;

/** What is watched of the devices that are named: each member that is a number, against its smallest and its largest value (FACTS: B1). */
export function memberLimits(
  devices: readonly Device[],
  named: readonly DeviceLimits[],
  numberOf: NumberOf,
): readonly WatchedSeries[] {
  return named.flatMap((limits) =>
    devices
      .filter(({ name }) => name === limits.device)
      .flatMap((device) =>
        device.members.flatMap((member) => seriesOf(device, member, limits, numberOf(device.root, member)) ?? []),
      ),
  );
}

function seriesOf(
  { root, name }: Device,
  member: Member,
  limits: DeviceLimits,
  number: number | null,
): WatchedSeries | null {
  const { group, path, displayName, unit, decimals, min, max, value } = member;
  if (typeof value !== "number") return null;
  const rules = [ruleOf("below", min, limits), ruleOf("above", max, limits)].filter((rule) => rule !== null);
  if (rules.length === 0) return null;
  const label = `${name} ${displayName ?? path}`;
  return {
    name: `${root}/${group}/${path}`,
    label,
    unit,
    decimals,
    field: number,
    keys: [memberSeries(root, member)],
    rules,
  };
}

function ruleOf(
  side: LevelRule["side"],
  value: number | null,
  { severity, holdMs, hysteresisOf }: DeviceLimits,
): LevelRule | null {
  if (value === null) return null;
  return { kind: "level", side, value, severity, holdMs, hysteresis: hysteresisOf(value), predictMs: null };
}
