import { isClosable, type Seen } from "../../alarms/lifecycle/handling.ts";
import type { Alarm } from "../../alarms/types.ts";
import type { ActResult } from "../../engine/act.ts";
import { notAsSeen, UNKNOWN_ALARM } from "../access/card-buttons.ts";

/** Why nobody can close an alarm by hand; `null`: somebody can. */
export function notClosable(alarm: Alarm): string | null {
  if (isClosable(alarm)) return null;
  const { id, handling, state, isClearedByPlant } = alarm;
  if (state === "cleared") {
    return handling.closing === null
      ? `#${id} is over already.`
      : `#${id} was closed by ${handling.closing.by} already.`;
  }
  return isClearedByPlant
    ? `The plant says itself when #${id} is over. Until then it can be shelved: /shelve ${id} clears`
    : `#${id} is information: it ends by itself.`;
}

/** Why a press on *Close…* did nothing. */
export const whyNotClosed = (result: ActResult | null, seen: Seen): string =>
  result === null ? UNKNOWN_ALARM : (notAsSeen(result.alarm, seen) ?? notClosable(result.alarm) ?? UNKNOWN_ALARM);

/** Why a press on *Reopen* did nothing. */
export function whyNotReopened(result: ActResult | null, seen: Seen): string {
  if (result === null) return UNKNOWN_ALARM;
  const { id, state } = result.alarm;
  return (
    notAsSeen(result.alarm, seen) ??
    (state === "active" ? `#${id} is active already.` : `The plant has said, too, that #${id} is over.`)
  );
}
