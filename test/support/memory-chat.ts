import type { Alarm } from "../../src/alarms/types.ts";
import type { CardSender, Outcome } from "../../src/dispatch/types.ts";
import type { BoardMark } from "../../src/store/alarms/board-content.ts";

/** What goes wrong with one call. What `isApplied` names was done all the same, and only the answer is lost. */
export type Fault =
  | { readonly kind: "unavailable" | "crash"; readonly isApplied: boolean }
  | { readonly kind: "limited" | "unreachable" | "closed" | "refused" | "markup" | "tooLong" };

/** A message as a chat shows it now. */
export interface ShownMessage {
  readonly id: number;
  readonly chatId: number;
  readonly kind: "card" | "board" | "outdated" | "saying";
  readonly boardId: number | null;
  /** Up to where a board shows what happened. */
  readonly mark: BoardMark | null;
  /** The alarms that it shows, as they were. */
  readonly alarms: readonly Alarm[];
  /** Grows from one call to the next. */
  readonly shownAt: number;
}

/** A chat service that keeps messages, and fails as it is told. */
export interface MemoryChat {
  readonly sender: CardSender;
  /** What the next calls come to; they succeed when it is empty. */
  readonly faults: Fault[];
  /** Whether no call gets through, and none is carried out. */
  isAway: boolean;
  readonly messages: ReadonlyMap<number, ShownMessage>;
  /** Each card that was sent with a ring, whether or not the program learned of it. */
  readonly rings: readonly { readonly chatId: number; readonly messageId: number; readonly alarm: Alarm }[];
  /** Everything that boards ever listed. */
  readonly listed: readonly {
    readonly chatId: number;
    readonly alarm: Alarm;
    readonly boardId: number;
    readonly messageId: number;
  }[];
  /** The alarms, as they were, of which a chat will not take a card. */
  readonly refusals: readonly Alarm[];
  /** The alarms whose newest change was refused, or whose message was removed: only their next change is shown. */
  readonly disturbed: Set<number>;
  /** The old messages that were refused a last word. */
  readonly unretired: ReadonlySet<number>;
  readonly removed: readonly ShownMessage[];
  /** Somebody in the chat deletes a message. */
  remove(messageId: number): void;
}

const DETAIL = "as the test wants";
const LIMIT_MS = 150_000;

/**
 * @param options.onCrash the program is to die at this very moment
 * @param options.onLimited a call to this chat is told to wait for so long, which whoever looks at every call of the Bot API hears
 */
export function createMemoryChat(options: {
  readonly onCrash: () => void;
  readonly onLimited: (chatId: number, retryAfterMs: number) => void;
}): MemoryChat {
  const messages = new Map<number, ShownMessage>();
  const unretired = new Set<number>();
  const rings: MemoryChat["rings"][number][] = [];
  const listed: MemoryChat["listed"][number][] = [];
  const refusals: MemoryChat["refusals"][number][] = [];
  const removed: ShownMessage[] = [];
  let calls = 0;
  let lastId = 0;

  const chat = { isAway: false, faults: [] as Fault[], disturbed: new Set<number>() };

  /** Makes one call; `apply` says which message it made or changed, `null` if that is not there. */
  async function call(chatId: number, apply: () => number | null): Promise<Outcome> {
    calls++;
    if (chat.isAway) return { kind: "unavailable", detail: DETAIL };
    const fault = chat.faults.shift();
    if (!fault) {
      const messageId = apply();
      return messageId === null ? { kind: "gone", detail: DETAIL } : { kind: "done", messageId };
    }
    if ("isApplied" in fault && fault.isApplied) apply();
    if (fault.kind === "limited") {
      options.onLimited(chatId, LIMIT_MS);
      return { kind: "limited", retryAfterMs: LIMIT_MS, detail: DETAIL };
    }
    if (fault.kind !== "crash") return { kind: fault.kind, detail: DETAIL };
    options.onCrash();
    // Nobody hears this any more.
    return { kind: "unavailable", detail: DETAIL };
  }

  function create(message: Omit<ShownMessage, "id" | "shownAt">): number {
    lastId++;
    messages.set(lastId, { ...message, id: lastId, shownAt: calls });
    return lastId;
  }

  function change(
    id: number,
    to: Pick<ShownMessage, "kind" | "alarms"> & Partial<Pick<ShownMessage, "mark">>,
  ): number | null {
    const before = messages.get(id);
    if (!before) return null;
    messages.set(id, { ...before, ...to, shownAt: calls });
    return id;
  }

  const sender: CardSender = {
    async send({ chatId }, alarm, { form }) {
      const outcome = await call(chatId, () => {
        const messageId = create({ chatId, kind: "card", boardId: null, mark: null, alarms: [alarm] });
        rings.push({ chatId, messageId, alarm });
        return messageId;
      });
      if (isRefusal(outcome)) chat.disturbed.add(alarm.id);
      // What is refused in full is tried in another form at once.
      const isTriedAgain = form === "full" && (outcome.kind === "markup" || outcome.kind === "tooLong");
      if (!isTriedAgain && (isRefusal(outcome) || outcome.kind === "closed")) refusals.push(alarm);
      return outcome;
    },
    async edit(chatId, messageId, alarm) {
      const outcome = await call(chatId, () => change(messageId, { kind: "card", alarms: [alarm] }));
      if (isRefusal(outcome)) chat.disturbed.add(alarm.id);
      return outcome;
    },
    async retire(chatId, messageId, alarm) {
      const outcome = await call(chatId, () => change(messageId, { kind: "outdated", alarms: [alarm] }));
      if (isRefusal(outcome)) unretired.add(messageId);
      return outcome;
    },
    say: ({ chatId }, _, alarm) =>
      call(chatId, () => create({ chatId, kind: "saying", boardId: null, mark: null, alarms: [alarm] })),
    showBoard: ({ id, chatId, messageId }, { alarms, mark }) =>
      call(chatId, () => {
        const shown = { kind: "board", alarms, mark } as const;
        const shownId = messageId === null ? create({ ...shown, chatId, boardId: id }) : change(messageId, shown);
        if (shownId !== null)
          listed.push(...alarms.map((alarm) => ({ chatId, alarm, boardId: id, messageId: shownId })));
        return shownId;
      }),
    pin: async () => undefined,
  };

  return Object.assign(chat, {
    sender,
    messages,
    rings,
    listed,
    refusals,
    unretired,
    removed,
    remove(messageId: number) {
      const message = messages.get(messageId);
      if (!message) return;
      removed.push(message);
      for (const alarm of message.alarms) chat.disturbed.add(alarm.id);
      messages.delete(messageId);
    },
  });
}

const isRefusal = ({ kind }: Outcome): boolean => kind === "refused" || kind === "markup" || kind === "tooLong";
