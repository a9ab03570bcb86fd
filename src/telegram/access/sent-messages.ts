import type { Context, Transformer } from "grammy";
import type { CallbackQuery, Message } from "grammy/types";
import type { Logger } from "../../lib/log.ts";
import type { Answers } from "../../store/people/answers.ts";
import type { Store } from "../../store/store.ts";
import { kindOf } from "./button-rights.ts";

/** What a number is of. `alarms`: some of a list, and the number is the list's page. */
type Named = "alarm" | "alarms" | "board" | "person";

/** What a button names by its number, for each kind of button; `null`: nothing that is known by one. */
export const NAMED_BY_BUTTON: Readonly<Record<string, Named | null>> = {
  ...of(
    "alarm",
    "ack",
    "unack",
    "reset",
    "worth",
    "shelve",
    "shelves",
    "unshelve",
    "card",
    "close",
    "reopen",
    "why",
    "trend",
  ),
  ...of("alarm", "whatif", "rule", "ruleyes", "ruleback"),
  ...of("alarms", "acks", "closes", "reopens"),
  ...of("board", "board", "take"),
  ...of("person", "person", "role", "forget"),
  ...of(
    null,
    "alarms",
    "shelved",
    "people",
    "plot",
    "v",
    "vl",
    "vf",
    "vd",
    "vn",
    "vm",
    "resend",
    "columns",
    "duty",
    "handover",
    "help",
  ),
  ...of(null, "quality", "qualityfile", "ruleno"),
  ...of(null, "devices", "device", "live", "write", "subscribe", "join", "leave"),
};

function of(named: Named | null, ...kinds: readonly string[]): Record<string, Named | null> {
  return Object.fromEntries(kinds.map((kind) => [kind, named]));
}

/** Whether the message has such a button, as Telegram hands it along: what a press says, anybody's client can make up. */
function isThere(press: CallbackQuery | undefined, data: string): boolean {
  const rows =
    press?.message && "reply_markup" in press.message ? (press.message.reply_markup?.inline_keyboard ?? []) : [];
  return rows.flat().some((button) => "callback_data" in button && button.callback_data === data);
}

/** What sending and editing is answered with, where it is a message. */
const isMessage = (result: unknown): result is Pick<Message, "message_id" | "chat"> =>
  typeof result === "object" && result !== null && "message_id" in result && "chat" in result;

/** The messages of ours that a press may be below. */
export interface SentMessages {
  /** Notes what is sent with buttons, for this run. */
  readonly remember: Transformer;
  /** Notes it for the runs that follow as well: for all that is no card and no board. */
  readonly keep: Transformer;
  /** Whether a press is below a message that names what the press names. */
  readonly knows: (ctx: Context) => Promise<boolean>;
}

/** Older presses find what is kept. */
const MAX_REMEMBERED = 10_000;

/**
 * A number may be given out twice: when an older copy of the database is restored, what was sent since then names by its numbers what is
 * something else by now. So a button counts only below a message that the database knows, of a card as the card of that alarm.
 * @param options.onAhead a button names something by a number that may never have been given out, as far as the database knows
 */
export function createSentMessages(options: {
  readonly store: Pick<Store, "alarms" | "boards">;
  readonly answers: Answers;
  readonly onAhead: (of: "alarm" | "board" | "person", number: number) => void;
  readonly log: Logger;
}): SentMessages {
  const { store, answers, onAhead, log } = options;
  const remembered = new Set<string>();

  const noting =
    (isKept: boolean): Transformer =>
    async (call, method, payload, signal) => {
      const answer = await call(method, payload, signal);
      if (!("reply_markup" in payload) || !answer.ok) return answer;
      const sent: unknown = answer.result;
      if (!isMessage(sent)) return answer;
      const { message_id, chat } = sent;
      remembered.add(`${chat.id} ${message_id}`);
      const [oldest] = remembered;
      if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
      // Nobody waits for that: in this run it is known already.
      if (isKept)
        answers
          .note(chat.id, message_id)
          .catch((error: unknown) => log.warn({ err: error }, "an answer is known in this run only"));
      return answer;
    };

  async function isBelowIts(named: Named, number: number, chatId: number, messageId: number): Promise<boolean> {
    const alarmId = await store.alarms.ofMessage(chatId, messageId);
    if (alarmId !== null) return named === "alarm" && alarmId === number;
    const board = named === "board" ? await store.boards.find(number) : null;
    if (board?.chatId === chatId && board.messageId === messageId) return true;
    return remembered.has(`${chatId} ${messageId}`) || answers.has(chatId, messageId);
  }

  return {
    remember: noting(false),
    keep: noting(true),
    async knows({ callbackQuery, chatId, msgId }) {
      const data = callbackQuery?.data ?? "";
      const kind = kindOf(data);
      // One that was forgotten here has to be known, too.
      const named = Object.hasOwn(NAMED_BY_BUTTON, kind) ? NAMED_BY_BUTTON[kind] : "alarms";
      if (!named) return true;
      if (chatId === undefined || msgId === undefined) return false;
      const number = Number(/^\w+:(\d{1,15})/.exec(data)?.[1]);
      const isKnown = await isBelowIts(named, number, chatId, msgId);
      if (!isKnown && named !== "alarms" && isThere(callbackQuery, data)) onAhead(named, number);
      return isKnown;
    },
  };
}
