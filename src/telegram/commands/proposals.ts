import { z } from "zod";
import type { Clock } from "../../lib/time/clock.ts";
import type { FormerClock } from "../../lib/time/former-clock.ts";
import type { Logger } from "../../lib/log.ts";
import type { KeyValue } from "../../store/sql/key-value.ts";

const valueForm = z.union([z.number(), z.boolean(), z.string()]);

/** What somebody wants to write to a device, until it is agreed to, as it is kept. */
const proposalForm = z.object({
  root: z.string(),
  group: z.string(),
  path: z.string(),
  /** What member and device are called, and what the value looks like. */
  names: z.object({ member: z.string(), device: z.string(), wanted: z.string() }),
  old: valueForm.nullable(),
  value: valueForm,
  userId: z.number(),
  chatId: z.number(),
  /** Epoch ms. */
  until: z.number(),
  /** Which update answered the question, and when, epoch ms; `null`: none yet. */
  answered: z.object({ update: z.number(), at: z.number() }).nullable(),
});

/** What somebody wants to write to a device, until it is agreed to. */
export type Proposal = Readonly<z.infer<typeof proposalForm>>;

const keptForm = z.array(z.tuple([z.string(), proposalForm]));

/** The open questions whether a value is to be written; the next run knows them, and those that were answered. */
export interface Proposals {
  /** @returns under which number */
  add(proposal: Omit<Proposal, "until" | "answered">): Promise<string>;
  /** `null`: there is none, or it is too old. */
  get(id: string): Proposal | null;
  /** Ends a question, at once, and for the next run before it resolves: what is done then is not done again. */
  answer(id: string, update: number): Promise<void>;
  /**
   * Takes up what the last run knew.
   * @param former by what it put their ends
   */
  resume(former: Pick<FormerClock, "ends">): Promise<void>;
}

const NAME = "values to write";
const OPEN_MS = 5 * 60_000;
const MAX_OPEN = 100;

/** Keeps open questions of `/set` for five minutes, over a restart too. */
export function createProposals(options: {
  readonly keyValue: KeyValue;
  readonly clock: Pick<Clock, "now" | "after">;
  readonly log: Logger;
}): Proposals {
  const { keyValue, clock, log } = options;
  const { now } = clock;
  let proposals: ReadonlyMap<string, Proposal> = new Map();
  /** No number of an earlier run is one of this. */
  let lastId = now();

  const save = (): Promise<void> => keyValue.write(NAME, [...proposals]);

  /** Nothing is to stay of who asked. */
  function tidyLater(): void {
    clock.after(OPEN_MS + 1, () => {
      proposals = new Map([...proposals].filter(([, { until }]) => until >= now()));
      save().catch((error: unknown) => log.warn({ err: error }, "could not remove questions that are too old"));
    });
  }

  return {
    async add(proposal) {
      const id = (++lastId).toString(36);
      const added = { ...proposal, until: now() + OPEN_MS, answered: null };
      proposals = new Map([...[...proposals].slice(-MAX_OPEN + 1), [id, added]]);
      await save();
      tidyLater();
      return id;
    },
    get(id) {
      const found = proposals.get(id);
      return found && found.until >= now() ? found : null;
    },
    async answer(id, update) {
      const found = proposals.get(id);
      if (found) proposals = new Map([...proposals, [id, { ...found, answered: { update, at: now() } }]]);
      await save();
    },
    async resume({ ends }) {
      const read = keptForm.safeParse((await keyValue.read(NAME)) ?? []);
      if (!read.success) log.warn({ err: read.error }, "questions of the last run are not open any more");
      const kept = (read.data ?? []).map(([id, one]) => [id, { ...one, until: ends(one.until) }] as const);
      // What seems to be open for longer was asked while the clock was ahead.
      proposals = new Map(kept.filter(([, { until }]) => until <= now() + OPEN_MS));
      lastId = Math.max(lastId, ...kept.map(([id]) => Number.parseInt(id, 36)));
      if (kept.length === 0) return;
      await save().catch((error: unknown) =>
        log.warn({ err: error }, "could not keep the ends of questions by our clock"),
      );
      tidyLater();
    },
  };
}
