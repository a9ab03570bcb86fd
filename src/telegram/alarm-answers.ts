import { GrammyError, HttpError } from "grammy";
import type { Alarm } from "../alarms/types.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import { isStorageFailure } from "../store/failure.ts";
import { outcomeOf } from "./failure.ts";

/** Answers to /alarm, which have the buttons of a card: they are kept up to date like one, for a while. */
export interface AlarmAnswers {
  follow(chatId: number, messageId: number, alarm: Alarm): void;
  /** Shows anew what changed; to be called every few seconds. Never rejects. */
  refresh(): Promise<void>;
}

/** Where an answer is shown. */
export interface AnswerPlace {
  readonly chatId: number;
  readonly messageId: number;
}

interface Answer extends AnswerPlace {
  readonly alarmId: number;
  readonly version: number;
  readonly untilAt: number;
}

const FOLLOW_MS = 3_600_000;
/** Older ones end first. */
const MAX_ANSWERS = 50;

/**
 * Creates it; what is followed is forgotten at a restart.
 * @param options.find the alarm as a chat may see it now
 * @param options.show shows it anew; `null`: without buttons, as it is followed no more
 */
export function createAlarmAnswers(options: {
  readonly find: (chatId: number, alarmId: number) => Promise<Alarm | null>;
  readonly show: (place: AnswerPlace, alarm: Alarm | null) => Promise<void>;
  readonly clock: Pick<Clock, "now">;
  readonly log: Logger;
}): AlarmAnswers {
  const { find, show, clock, log } = options;
  let answers: readonly Answer[] = [];

  async function look(answer: Answer): Promise<Answer | null> {
    const { chatId, alarmId, version, untilAt } = answer;
    const alarm = untilAt > clock.now() ? await find(chatId, alarmId) : null;
    if (alarm?.version === version) return answer;
    await show(answer, alarm).catch((error: unknown) => {
      if (outcomeOf(error, answer.messageId).kind !== "done") throw error;
    });
    return alarm && { ...answer, version: alarm.version };
  }

  return {
    follow(chatId, messageId, { id: alarmId, version }) {
      const answer = { chatId, messageId, alarmId, version, untilAt: clock.now() + FOLLOW_MS };
      const ended = answers.slice(0, Math.max(0, answers.length + 1 - MAX_ANSWERS));
      answers = [...answers.slice(ended.length), answer];
      for (const one of ended) {
        show(one, null).catch((error: unknown) => log.warn({ err: error }, "an answer keeps its buttons"));
      }
    },
    async refresh() {
      const before = answers;
      for (const answer of before) {
        const after = await look(answer).catch((error: unknown) => {
          // The link, or the store, says itself what is wrong with it.
          if (mayPass(error)) return answer;
          log.warn({ err: error, alarm: answer.alarmId }, "an answer is not kept up to date any more");
          return null;
        });
        answers = answers.flatMap((one) => (one !== answer ? [one] : after === null ? [] : [after]));
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
