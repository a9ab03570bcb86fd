import { z } from "zod";
import type { OwnMessage } from "../alarms/payloads/own.ts";
import type { Logger } from "../lib/log.ts";
import { createOneAtATime } from "../lib/one-at-a-time.ts";
import type { KeyValue } from "../store/sql/key-value.ts";
import type { Rota } from "./rota.ts";
import type { DutyTurn } from "./turn.ts";

const personForm = z.object({ chatId: z.int(), threadId: z.int().nullable(), name: z.string() });
const openForm = z.object({
  id: z.int(),
  /** Who had the turn before, and who has it now. */
  from: personForm,
  to: personForm,
  /** When the turn before began. */
  since: z.number(),
  askedAt: z.number(),
  isSent: z.boolean(),
  /** Who was told that nobody pressed *Taken over*. */
  told: z.enum(["nobody", "outgoing", "admins"]),
});
const noteForm = z.object({ userId: z.int(), by: z.string(), text: z.string(), at: z.number() });
const keptForm = z.object({
  lastId: z.int(),
  /** Whose turn was the last one, and since when; `null`: there was none. */
  last: z.object({ who: personForm, since: z.number() }).nullable(),
  open: openForm.nullable(),
  /** Whether the admins were told of one that has ended since. */
  isEndOwed: z.boolean().default(false),
  notes: z.array(noteForm),
});
type Kept = z.infer<typeof keptForm>;

/** A change of shift that nobody has confirmed yet. */
export type OpenHandover = z.infer<typeof openForm>;
/** What somebody wrote for whoever comes next. */
export type HandoverNote = z.infer<typeof noteForm>;

/** The change of shift: whoever comes on is asked to take over, and others are told if they do not. */
export interface Handover {
  /** To be called every few seconds. */
  look(telling: HandoverTelling): Promise<void>;
  /** The one that waits for its confirmation; `null`: none does. */
  readonly open: () => OpenHandover | null;
  /** Since when the turn runs of which whoever comes next is told; epoch ms. */
  readonly since: () => number;
  /** Somebody says that they have taken over; resolves with what they took, `null` if that was not theirs to take. */
  take(id: number, userId: number): Promise<OpenHandover | null>;
  note(note: Omit<HandoverNote, "at">): Promise<void>;
  /** Those of a time, oldest first. */
  notes(since: number): readonly HandoverNote[];
  /** Removes what names somebody. */
  forget(userId: number): Promise<void>;
}

const NAME = "duty handover";
/** So long whoever comes on has, and then whoever goes. */
export const PATIENCE_MS = 15 * 60_000;
const HOUR_MS = 3_600_000;
const KEEP_NOTES_MS = 7 * 24 * HOUR_MS;
const MAX_NOTES = 50;
/** Without a rota: what is told of. */
const USUAL_MS = 12 * HOUR_MS;

/** What it tells people by; each resolves with whether that reached them. */
export interface HandoverTelling {
  readonly ask: (open: OpenHandover) => Promise<boolean>;
  readonly remind: (open: OpenHandover) => Promise<boolean>;
  readonly tellAdmins: (message: OwnMessage) => Promise<void>;
}

/** What the change of shift is known by, and kept in. */
interface HandoverOptions {
  readonly duty: Pick<Rota, "current" | "isKept">;
  readonly isRemoved: (userId: number) => boolean;
  readonly keyValue: KeyValue;
  readonly now: () => number;
  readonly log: Logger;
}

/** Opens it with what the last run kept. */
export async function openHandover({ duty, isRemoved, keyValue, now, log }: HandoverOptions): Promise<Handover> {
  const { kept, change } = await openKept(keyValue, now, log);
  const update = (id: number, part: Partial<OpenHandover>): Promise<void> =>
    change((before) => (before.open?.id === id ? { ...before, open: { ...before.open, ...part } } : before));

  async function next(open: OpenHandover, telling: HandoverTelling): Promise<void> {
    const { id, told } = open;
    if (!open.isSent && (await telling.ask(open))) await update(id, { isSent: true });
    // The clock was set back: nobody waits for the hours in between.
    if (open.askedAt > now()) return update(id, { askedAt: now() });
    const waitedMs = now() - open.askedAt;
    if (told === "nobody" && waitedMs >= PATIENCE_MS) {
      // Whoever cannot be reached cannot see to it.
      if (await telling.remind(open)) return update(id, { told: "outgoing" });
    }
    const isDue = told === "nobody" || (told === "outgoing" && waitedMs >= 2 * PATIENCE_MS);
    if (!isDue || waitedMs < PATIENCE_MS) return;
    await telling.tellAdmins(handoverMessage(open));
    await update(id, { told: "admins" });
  }

  // Whoever is on duty at the very first start takes over from nobody.
  if (kept().last === null) await change((before) => afterTurn(before, duty.current(), now()));

  return {
    async look(telling) {
      const isOver = !duty.isKept() || isRemoved(kept().open?.to.chatId ?? 0);
      await change((one) => afterTurn(isOver ? withNobody(one) : one, duty.current(), now()));
      if (kept().isEndOwed) {
        await telling.tellAdmins(HANDOVER_OVER);
        await change((before) => ({ ...before, isEndOwed: false }));
      }
      const { open } = kept();
      if (open !== null) await next(open, telling);
    },
    open: () => kept().open,
    since: () => kept().open?.since ?? duty.current()?.startAt ?? now() - USUAL_MS,
    async take(id, userId) {
      const { open } = kept();
      if (open === null || open.id !== id || open.to.chatId !== userId) return null;
      await change((before) => (before.open?.id === id ? withoutOpen(before) : before));
      return open;
    },
    note: (note) => change((before) => ({ ...before, notes: [...before.notes, { ...note, at: now() }] })),
    notes: (since) => kept().notes.filter(({ at }) => at >= since),
    forget: (userId) =>
      change((before) => ({
        ...(before.open && [before.open.from, before.open.to].some(({ chatId }) => chatId === userId)
          ? withoutOpen(before)
          : before),
        last: before.last?.who.chatId === userId ? null : before.last,
        notes: before.notes.filter((note) => note.userId !== userId),
      })),
  };
}

/** What is kept, and changed one thing after the other. */
async function openKept(keyValue: KeyValue, now: () => number, log: Logger) {
  const none: Kept = { lastId: 0, last: null, open: null, isEndOwed: false, notes: [] };
  const read = keptForm.safeParse((await keyValue.read(NAME)) ?? none);
  if (!read.success) log.warn("what was kept of the last change of shift was not understood");
  let kept: Kept = read.data ?? none;
  const inTurn = createOneAtATime();

  const change = (make: (before: Kept) => Kept): Promise<void> =>
    inTurn(async () => {
      const after = make(kept);
      if (after === kept) return;
      const notes = after.notes.filter(({ at }) => at > now() - KEEP_NOTES_MS).slice(-MAX_NOTES);
      await keyValue.write(NAME, { ...after, notes });
      kept = { ...after, notes };
    });

  return { kept: () => kept, change };
}

/** What is kept once nobody waits for a confirmation any more. */
const withoutOpen = (kept: Kept): Kept => ({
  ...kept,
  open: null,
  isEndOwed: kept.isEndOwed || kept.open?.told === "admins",
});

/** What is kept once nobody keeps a rota, or whoever was to take over was removed: whoever comes next takes over from nobody. */
const withNobody = (kept: Kept): Kept =>
  kept.open === null && kept.last === null ? kept : { ...withoutOpen(kept), last: null };

/** What is kept once a turn runs. The first one that is seen takes over from nobody; a gap leaves the duty with whoever had it last. */
function afterTurn(kept: Kept, turn: DutyTurn | null, now: number): Kept {
  const { last } = kept;
  if (turn === null) return kept;
  // Another turn of the same person: whoever comes next is told of that one alone.
  if (last?.who.chatId === turn.who.chatId)
    return last.since === turn.startAt ? kept : { ...kept, last: { ...last, since: turn.startAt } };
  const present = { ...withoutOpen(kept), last: { who: turn.who, since: turn.startAt } };
  if (last === null) return present;
  const id = kept.lastId + 1;
  const open = { id, from: last.who, to: turn.who, since: last.since, askedAt: now, ...UNASKED };
  return { ...present, lastId: id, open };
}

const UNASKED = { isSent: false, told: "nobody" } as const;
const ALARM = { id: "handover", severity: "warning", isForAdmins: true } as const;

/** What the admins are told of one that nobody confirmed. */
const handoverMessage = ({ from, to, told }: OpenHandover): OwnMessage => ({
  ...ALARM,
  state: "active",
  message: `${to.name} is on duty, and has not pressed Taken over. ${from.name}, who was before, ${told === "outgoing" ? "knows" : "could not be told"}`,
});

/** That it is over, however it came to that. */
const HANDOVER_OVER: OwnMessage = {
  ...ALARM,
  state: "cleared",
  message: "Whoever is on duty has taken over, or somebody else is on duty",
};
