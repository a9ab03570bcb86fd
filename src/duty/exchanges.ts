import { z } from "zod";
import type { Logger } from "../lib/log.ts";
import { createOneAtATime } from "../lib/one-at-a-time.ts";
import type { KeyValue } from "../store/sql/key-value.ts";
import type { DutyTurn } from "./turn.ts";

const personForm = z.object({ chatId: z.int(), threadId: z.int().nullable(), name: z.string() });
const turnForm = z.object({ startAt: z.number(), endAt: z.number(), who: personForm });
const requestForm = z.object({
  id: z.int(),
  kind: z.enum(["take", "swap"]),
  /** Who asks, and who has to agree. */
  by: personForm,
  of: personForm,
  /** Who has which time then. */
  changes: z.array(turnForm),
  askedAt: z.number(),
  /** The update that answered it, and whether by a yes; `null`: none yet. */
  answer: z.object({ update: z.number(), isAgreed: z.boolean() }).nullable(),
});
const keptForm = z.object({ lastId: z.int(), changes: z.array(turnForm), requests: z.array(requestForm) });

type Kept = z.infer<typeof keptForm>;

/** Somebody wants to have another's time on duty, or to swap theirs for it; that other has to agree. */
export type DutyRequest = z.infer<typeof requestForm>;

/** What people changed of the rota, and what they asked each other for; the next run knows all of it. */
export interface Exchanges {
  /** Who has which time, whatever the rota says; the newest last. */
  readonly changes: () => readonly DutyTurn[];
  /** Notes a question. @returns its number */
  ask(request: Omit<DutyRequest, "id" | "answer">): Promise<number>;
  /** One that was asked within the last day; `null`: there is none of that number. */
  find(id: number): DutyRequest | null;
  /** Ends a question, and gives those times to others; both or neither. */
  answer(id: number, update: number, changes: readonly DutyTurn[] | null): Promise<void>;
  /** Gives times to others, where nobody has to agree. */
  give(changes: readonly DutyTurn[]): Promise<void>;
  /** Removes all that names somebody: the rota counts as it is written. */
  forget(userId: number): Promise<void>;
}

/** Their name in the store. */
const NAME = "duty exchanges";
const DAY_MS = 24 * 3_600_000;
/** A turn is to be told from its beginning. */
const KEEP_MS = 8 * DAY_MS;

/** Opens what earlier runs kept. */
export async function openExchanges(keyValue: KeyValue, now: () => number, log: Logger): Promise<Exchanges> {
  const stored = await keyValue.read(NAME);
  const read = keptForm.safeParse(stored ?? { lastId: 0, changes: [], requests: [] });
  if (!read.success) log.warn("what people changed of the rota was not understood: the rota counts as it is written");
  let kept: Kept = read.data ?? { lastId: 0, changes: [], requests: [] };
  const inTurn = createOneAtATime();

  const change = (make: (before: Kept) => Kept): Promise<void> =>
    inTurn(async () => {
      const { lastId, changes, requests } = make(kept);
      const present = {
        lastId,
        changes: changes.filter(({ endAt }) => endAt > now() - KEEP_MS),
        requests: requests.filter(isOpen),
      };
      await keyValue.write(NAME, present);
      kept = present;
    });

  const isOpen = ({ askedAt }: DutyRequest): boolean => now() - askedAt < DAY_MS;

  return {
    changes: () => kept.changes,
    async ask(request) {
      let id = 0;
      await change(({ lastId, requests, ...rest }) => {
        id = lastId + 1;
        return { ...rest, lastId: id, requests: [...requests, { ...request, id, answer: null }] };
      });
      return id;
    },
    find: (id) => kept.requests.find((one) => one.id === id && isOpen(one)) ?? null,
    answer: (id, update, changes) =>
      change(({ requests, changes: before, ...rest }) => ({
        ...rest,
        changes: [...before, ...(changes ?? [])],
        requests: requests.map((one) =>
          one.id === id ? { ...one, answer: { update, isAgreed: changes !== null } } : one,
        ),
      })),
    give: (changes) => change((before) => ({ ...before, changes: [...before.changes, ...changes] })),
    forget: (userId) =>
      change(({ changes, requests, ...rest }) => ({
        ...rest,
        changes: changes.filter(({ who }) => who.chatId !== userId),
        requests: requests.filter(({ by, of }) => by.chatId !== userId && of.chatId !== userId),
      })),
  };
}
