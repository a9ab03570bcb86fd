import { readInteger, type Params } from "./state/params.ts";

/** How a call goes wrong; `retryAfterSeconds` and `migrateToChatId` are the wire's `parameters`. */
export type Failure =
  | {
      readonly status: number;
      readonly description: string;
      readonly retryAfterSeconds?: number;
      readonly migrateToChatId?: number;
    }
  /** The socket closes before the call is carried out. */
  | "drop"
  /** The call is carried out, then the socket closes: the bot cannot know. */
  | "dropAfter"
  /** The call is carried out and never answered. */
  | "hangAfter"
  /** A front end answers 502 with an HTML page. */
  | "html"
  /** No answer, until the caller hangs up or the server stops. */
  | "hang";

/** Which calls go wrong, and how. */
interface Fault {
  /** Left out: every method but getUpdates. `"*"`: every method. */
  readonly method?: string;
  /** Left out: every chat, and calls that concern none. */
  readonly chatId?: number;
  /** What stands in the call, such as a tag; left out: whatever does. */
  readonly mentions?: string;
  /** How often; 1 when left out, `Infinity` until lifted. */
  readonly times?: number;
  readonly failure: Failure;
}

/** The faults in force, oldest first. */
export interface ApiFaults {
  /** Puts a fault in force; call what it returns to lift it. */
  readonly add: (fault: Fault) => () => void;
  /** The failure that befalls this call, if any; it is used up by that. */
  readonly take: (method: string, params: Params) => Failure | undefined;
}

export function createApiFaults(): ApiFaults {
  const inForce = new Set<{ readonly fault: Fault; timesLeft: number }>();

  return {
    add: (fault) => {
      const entry = { fault, timesLeft: fault.times ?? 1 };
      inForce.add(entry);
      return () => inForce.delete(entry);
    },
    take: (method, params) => {
      const entry = [...inForce].find(({ fault }) => concerns(fault, method, params));
      if (!entry) return undefined;
      entry.timesLeft -= 1;
      if (entry.timesLeft <= 0) inForce.delete(entry);
      return entry.fault.failure;
    },
  };
}

function concerns(fault: Fault, method: string, params: Params): boolean {
  const isMethod = fault.method === undefined ? method !== "getUpdates" : ["*", method].includes(fault.method);
  const isChat = fault.chatId === undefined || fault.chatId === readInteger(params, "chat_id");
  return isMethod && isChat && (fault.mentions === undefined || JSON.stringify(params).includes(fault.mentions));
}
