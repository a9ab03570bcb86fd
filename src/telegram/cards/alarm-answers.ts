import { GrammyError, HttpError } from "grammy";
import type { Alarm } from "../../alarms/types.ts";
import type { Clock } from "../../lib/time/clock.ts";
import type { Logger } from "../../lib/log.ts";
import type { KeyValue } from "../../store/sql/facts.ts";
import { isStorageFailure } from "../../store/sql/failure.ts";
import { outcomeOf } from "../api/failure.ts";

/** Answers to /alarm, which have the buttons of a card: they are kept up to date like one, for a while. */
export interface AlarmAnswers {
  follow(chatId: number, messageId: number, alarm: Alarm): void;
  /** Shows anew what changed; to be called every few seconds. Never rejects. */
  refresh(): Promise<void>;
  /** Goes on with what the last run followed; never rejects. */
  resume(): Promise<void>;
}

/** Where an answer is shown. */
export interface AnswerPlace {
  readonly chatId: number;
  readonly messageId: number;
}

/** As it is kept: chat, message, alarm, end. */
type Kept = readonly [number, number, number, number];

interface Answer extends AnswerPlace {
  readonly alarmId: number;
  readonly version: number;
  readonly untilAt: number;
}

const NAME = "alarm answers";
const FOLLOW_MS = 3_600_000;
/** Older ones end first. */
const MAX_ANSWERS = 50;

/**
 * Remembers which answers show which alarm, and edits each when its alarm changes, for an hour.
 * @param options.find the alarm as a chat may see it now
 * @param options.show shows it anew; `null`: without buttons, as it is followed no more
 */
export function createAlarmAnswers(options: {
  readonly find: (chatId: number, alarmId: number) => Promise<Alarm | null>;
  readonly show: (place: AnswerPlace, alarm: Alarm | null) => Promise<void>;
  readonly facts: KeyValue;
  readonly clock: Pick<Clock, "now">;
  readonly log: Logger;
}): AlarmAnswers {
  const { find, show, facts, clock, log } = options;
  let answers: readonly Answer[] = [];

  /** Which version is shown is not worth a write: the next run shows each anew once. */
  function keep(): void {
    const kept = answers.map(({ chatId, messageId, alarmId, untilAt }): Kept => [chatId, messageId, alarmId, untilAt]);
    facts.write(NAME, kept).catch((error: unknown) => log.warn({ err: error }, "answers could not be noted"));
  }

  async function look(answer: Answer): Promise<Answer | null> {
    const { chatId, alarmId, version, untilAt } = answer;
    const alarm = untilAt > clock.now() ? await find(chatId, alarmId) : null;
    if (alarm?.version === version) return answer;
    await show(answer, alarm).catch((error: unknown) => {
      if (outcomeOf(error, answer.messageId).kind !== "done") throw error;
    });
    return alarm && { ...answer, version: alarm.version };
  }

  async function refreshOne(answer: Answer): Promise<void> {
    const after = await look(answer).catch((error: unknown) => {
      // The link, or the store, says itself what is wrong with it.
      if (mayPass(error)) return answer;
      log.warn({ err: error, alarm: answer.alarmId }, "an answer is not kept up to date any more");
      return null;
    });
    answers = answers.flatMap((one) => (one !== answer ? [one] : after === null ? [] : [after]));
    if (after === null) keep();
  }

  return {
    follow(chatId, messageId, { id: alarmId, version }) {
      const answer = { chatId, messageId, alarmId, version, untilAt: clock.now() + FOLLOW_MS };
      const ended = answers.slice(0, Math.max(0, answers.length + 1 - MAX_ANSWERS));
      answers = [...answers.slice(ended.length), answer];
      keep();
      for (const one of ended) {
        show(one, null).catch((error: unknown) => log.warn({ err: error }, "an answer keeps its buttons"));
      }
    },
    async refresh() {
      // A chat's in turn, as Telegram wants them; one that hangs holds up no other chat.
      await Promise.all(
        [...Map.groupBy(answers, ({ chatId }) => chatId).values()].map(async (ofChat) => {
          for (const answer of ofChat) await refreshOne(answer);
        }),
      );
    },
    async resume() {
      try {
        const kept = ((await facts.read(NAME)) ?? []) as readonly Kept[];
        answers = kept.map(([chatId, messageId, alarmId, untilAt]) => {
          return { chatId, messageId, alarmId, version: 0, untilAt: Math.min(untilAt, clock.now() + FOLLOW_MS) };
        });
      } catch (error) {
        log.warn({ err: error }, "answers of the last run are not kept up to date");
      }
    },
  };
}

/** Whether the next look may do what this one could not. */
function mayPass(error: unknown): boolean {
  if (isStorageFailure(error)) return true;
  const isOfTelegram = error instanceof GrammyError || error instanceof HttpError;
  return isOfTelegram && ["limited", "unavailable"].includes(outcomeOf(error, null).kind);
}
