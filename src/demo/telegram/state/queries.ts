import { badRequest } from "./refusal.ts";

/** What the bot answered to the press of an inline button; `text` is `null` when it only ended the progress sign. */
export interface CallbackAnswer {
  readonly queryId: string;
  readonly chatId: number;
  readonly userId: number;
  readonly text: string | null;
  readonly showAlert: boolean;
  readonly at: number;
}

/** The callback queries that wait for an answer, and the answers given. */
export interface ButtonPresses {
  /** Opens a query for a press; returns its id. */
  readonly open: (press: { chatId: number; userId: number }) => string;
  /** Takes the bot's answer. @throws {Refusal} when the query is unknown, answered already, or too old. */
  readonly answer: (queryId: string, answer: { text: string | null; showAlert: boolean }) => CallbackAnswer;
  readonly answers: ReadonlyMap<string, CallbackAnswer>;
  /** Whether somebody pressed so lately that a message for them alone may follow, whether the press was answered or not. */
  readonly isRecent: (queryId: string, press: { chatId: number; userId: number }) => boolean;
}

/** Telegram states none; bots report refusals after some 10 to 20 s (FACTS: C4). */
const deadlineMs = 15_000;

export function createQueries({ now }: { now: () => number }): ButtonPresses {
  const waiting = new Map<string, { readonly chatId: number; readonly userId: number; readonly at: number }>();
  const answers = new Map<string, CallbackAnswer>();
  const presses = new Map<string, { readonly chatId: number; readonly userId: number; readonly at: number }>();
  let lastId = 7_000_000_000;

  return {
    answers,
    isRecent: (queryId, { chatId, userId }) => {
      const press = presses.get(queryId);
      return press?.chatId === chatId && press.userId === userId && now() - press.at <= deadlineMs;
    },
    open: (press) => {
      lastId += 1;
      waiting.set(String(lastId), { ...press, at: now() });
      presses.set(String(lastId), { ...press, at: now() });
      return String(lastId);
    },
    answer: (queryId, { text, showAlert }) => {
      const query = waiting.get(queryId);
      waiting.delete(queryId);
      if (!query || now() - query.at > deadlineMs) {
        throw badRequest("query is too old and response timeout expired or query ID is invalid");
      }
      const answer = { queryId, chatId: query.chatId, userId: query.userId, text, showAlert, at: now() };
      answers.set(queryId, answer);
      return answer;
    },
  };
}
