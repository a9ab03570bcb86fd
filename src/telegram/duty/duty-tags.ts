import { GrammyError, type Api } from "grammy";
import { z } from "zod";
import type { Rota } from "../../duty/rota.ts";
import type { Logger } from "../../lib/log.ts";
import type { KeyValue } from "../../store/sql/key-value.ts";

const NAME = "duty tags";
/** At most 16 characters, and no emoji (FACTS: F2). */
const TAG = "on duty";
/** Each group, and the member who has the tag there by us; `null`: nobody, as the group refused it, or nobody was on duty. */
const tagForm = z.object({ wanted: z.int().nullable(), tagged: z.int().nullable() });
const keptForm = z.array(z.tuple([z.int(), tagForm]));
type Tag = z.infer<typeof tagForm>;

/** What tags need. */
export interface DutyTagOptions {
  readonly api: Pick<Api, "setChatMemberTag">;
  readonly duty: Pick<Rota, "isKept" | "current">;
  /** The chats that get alarms; groups have negative ids. */
  readonly chatIds: () => readonly number[];
  readonly keyValue: KeyValue;
  readonly log: Logger;
}

/**
 * Shows who is on duty beside their name, in groups where the bot may set tags of members. Where it may not, `/duty` says it all the same:
 * a group that refuses is asked again when the duty changes.
 */
export class DutyTags {
  readonly #options: DutyTagOptions;
  #kept: ReadonlyMap<number, Tag> | null = null;

  constructor(options: DutyTagOptions) {
    this.#options = options;
  }

  /** To be called every few seconds. */
  async look(): Promise<void> {
    const { duty, chatIds, keyValue } = this.#options;
    if (this.#kept === null) this.#kept = new Map(keptForm.safeParse(await keyValue.read(NAME)).data ?? []);
    if (!duty.isKept() && this.#kept.size === 0) return;
    const wanted = duty.current()?.who.chatId ?? null;
    for (const chatId of chatIds().filter((id) => id < 0)) {
      const before: Tag = this.#kept.get(chatId) ?? { wanted: null, tagged: null };
      if (before.wanted === wanted) continue;
      if (before.tagged !== null) await this.#set(chatId, before.tagged, "");
      const isTagged = wanted !== null && (await this.#set(chatId, wanted, TAG));
      this.#kept = new Map([...this.#kept, [chatId, { wanted, tagged: isTagged ? wanted : null }]]);
      await keyValue.write(NAME, [...this.#kept]);
    }
  }

  /** @returns whether the group took it. @throws HttpError if nobody knows: then it is tried again */
  async #set(chatId: number, userId: number, tag: string): Promise<boolean> {
    try {
      return await this.#options.api.setChatMemberTag(chatId, userId, tag);
    } catch (error) {
      if (!(error instanceof GrammyError) || error.error_code === 429 || error.error_code >= 500) throw error;
      this.#options.log.info({ chatId, reason: error.description }, "a group shows no tag of who is on duty");
      return false;
    }
  }
}
