import { GrammyError, HttpError } from "grammy";
import { z } from "zod";
import type { Alarm } from "../../alarms/types.ts";
import type { Clock } from "../../lib/time/clock.ts";
import { OWN_ENDS, type FormerClock } from "../../lib/time/former-clock.ts";
import type { Logger } from "../../lib/log.ts";
import type { KeyValue } from "../../store/sql/key-value.ts";
import { isStorageFailure } from "../../store/sql/failure.ts";
import type { ChatMessage } from "../api/chat-message.ts";
import { outcomeOf } from "../api/failure.ts";

interface Answer extends ChatMessage {
  readonly alarmId: number;
  readonly version: number;
  readonly untilAt: number;
}

const NAME = "alarm answers";
const FOLLOW_MS = 3_600_000;
/** Older ones end first. */
const MAX_ANSWERS = 50;

/** As they are kept: chat, message, alarm, end. */
const keptForm = z.array(z.tuple([z.number(), z.number(), z.number(), z.number()]));

/** What following answers needs. */
interface AlarmAnswerOptions {
  /** The alarm as a chat may see it now. */
  readonly find: (chatId: number, alarmId: number) => Promise<Alarm | null>;
  /** Shows it anew; `null`: without buttons, as it is followed no more. */
  readonly show: (message: ChatMessage, alarm: Alarm | null) => Promise<void>;
  readonly keyValue: KeyValue;
  readonly clock: Pick<Clock, "now">;
  readonly log: Logger;
}

/** Answers to /alarm, which have the buttons of a card: they are kept up to date like one, for a while. */
export class AlarmAnswers {
  readonly #options: AlarmAnswerOptions;
  #answers: readonly Answer[] = [];

  constructor(options: AlarmAnswerOptions) {
    this.#options = options;
  }

  /** Begins; the oldest of too many ends. */
  readonly follow = (chatId: number, messageId: number, { id: alarmId, version }: Alarm): void => {
    const { show, clock, log } = this.#options;
    const answer = { chatId, messageId, alarmId, version, untilAt: clock.now() + FOLLOW_MS };
    const ended = this.#answers.slice(0, Math.max(0, this.#answers.length + 1 - MAX_ANSWERS));
    this.#answers = [...this.#answers.slice(ended.length), answer];
    this.#keep();
    for (const one of ended)
      show(one, null).catch((error: unknown) => log.warn({ err: error }, "an answer keeps its buttons"));
  };

  /** Shows anew what changed; to be called every few seconds. Never rejects. */
  readonly refresh = async (): Promise<void> => {
    // A chat's in turn, as Telegram wants them; one that hangs holds up no other chat.
    await Promise.all(
      [...Map.groupBy(this.#answers, ({ chatId }) => chatId).values()].map(async (ofChat) => {
        for (const answer of ofChat) await this.#refreshOne(answer);
      }),
    );
  };

  /** Goes on with what the last run followed; never rejects. */
  async resume(former: Pick<FormerClock, "ends"> = OWN_ENDS): Promise<void> {
    const { keyValue, clock, log } = this.#options;
    try {
      const kept = keptForm.parse((await keyValue.read(NAME)) ?? []);
      this.#answers = kept.map(([chatId, messageId, alarmId, untilAt]) => {
        return {
          chatId,
          messageId,
          alarmId,
          version: 0,
          untilAt: Math.min(former.ends(untilAt), clock.now() + FOLLOW_MS),
        };
      });
      if (this.#answers.length > 0) this.#keep();
    } catch (error) {
      log.warn({ err: error }, "answers of the last run are not kept up to date");
    }
  }

  /** Which version is shown is not worth a write: the next run shows each anew once. */
  #keep(): void {
    const { keyValue, log } = this.#options;
    const kept = this.#answers.map(({ chatId, messageId, alarmId, untilAt }): z.input<typeof keptForm>[number] => [
      chatId,
      messageId,
      alarmId,
      untilAt,
    ]);
    keyValue.write(NAME, kept).catch((error: unknown) => log.warn({ err: error }, "answers could not be noted"));
  }

  async #look(answer: Answer): Promise<Answer | null> {
    const { find, show, clock } = this.#options;
    const { chatId, alarmId, version, untilAt } = answer;
    const alarm = untilAt > clock.now() ? await find(chatId, alarmId) : null;
    if (alarm?.version === version) return answer;
    await show(answer, alarm).catch((error: unknown) => {
      if (outcomeOf(error, answer.messageId).kind !== "done") throw error;
    });
    return alarm && { ...answer, version: alarm.version };
  }

  async #refreshOne(answer: Answer): Promise<void> {
    const after = await this.#look(answer).catch((error: unknown) => {
      // The link, or the store, says itself what is wrong with it.
      if (mayPass(error)) return answer;
      this.#options.log.warn({ err: error, alarm: answer.alarmId }, "an answer is not kept up to date any more");
      return null;
    });
    this.#answers = this.#answers.flatMap((one) => (one !== answer ? [one] : after === null ? [] : [after]));
    if (after === null) this.#keep();
  }
}

/** Whether the next look may do what this one could not. */
function mayPass(error: unknown): boolean {
  if (isStorageFailure(error)) return true;
  const isOfTelegram = error instanceof GrammyError || error instanceof HttpError;
  return isOfTelegram && ["limited", "unavailable"].includes(outcomeOf(error, null).kind);
}
