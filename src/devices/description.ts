import { membersByName } from "../alarms/payloads/json-members.ts";
import { presenceOfWord } from "../alarms/state-word.ts";
import { clean, inOneLine } from "../alarms/text.ts";
import { isObject, readJson } from "../lib/text/lenient-json.ts";
import { textOf } from "../lib/text/text-of-bytes.ts";

/** What a device says of itself: its `Desc` (FACTS: B4). */
export interface Description {
  /** `null`: it does not say, or not in words that are known. */
  readonly isOnline: boolean | null;
  /** The name of an icon of TwinCAT's app. */
  readonly icon: string | null;
  /** Who may see it; see `permittedUsersOf`. `null`: it does not say. */
  readonly permittedUsers: readonly string[] | null;
}

/** Far more than a description has. */
const MAX_PAYLOAD_BYTES = 64 * 1024;
const MAX_ICON = 100;
/** As long as the PLC's variable is (FACTS: B1), with room to spare. */
const MAX_USERS_TEXT = 2_048;
/** Named where a list is longer than anybody can read: nobody is called so. */
const UNREADABLE = "\0";

/** Reads a description. `cleared`: the broker keeps none any more; `null`: it cannot be read. */
export function readDescription(payload: Uint8Array): Description | "cleared" | null {
  if (payload.length > MAX_PAYLOAD_BYTES) return null;
  const text = textOf(payload);
  if (text === null) return null;
  if (text.trim() === "") return "cleared";
  const json = readJson(text)?.value;
  if (!isObject(json)) return null;
  const members = membersByName(json);
  const icon = members.get("icon");
  const users = members.get("permittedusers");
  return {
    isOnline: onlineOf(members.get("online")),
    icon: typeof icon === "string" && icon.length <= MAX_ICON ? inOneLine(clean(icon)) || null : null,
    permittedUsers: users === undefined ? null : permittedUsersOf(users),
  };
}

/**
 * The names in a list of permitted users, apart by commas, semicolons or blanks; `["*"]`: everybody. What cannot be read permits
 * nobody, since it was meant to keep somebody out. An empty text is what a PLC without a list sends: everybody.
 */
export function permittedUsersOf(given: unknown): readonly string[] {
  if (given === null || given === "") return ["*"];
  const text = Array.isArray(given) ? given.join(",") : given;
  if (typeof text !== "string" || text.length > MAX_USERS_TEXT) return [UNREADABLE];
  const names = clean(text)
    .split(/[,;\s]+/)
    .filter((name) => name !== "");
  return names.includes("*") || names.length === 0 ? ["*"] : names;
}

function onlineOf(said: unknown): boolean | null {
  return typeof said === "string" || typeof said === "number" || typeof said === "boolean"
    ? presenceOfWord(String(said))
    : null;
}
