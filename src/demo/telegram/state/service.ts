import type { UserFromGetMe } from "grammy/types";
import type { Changes } from "./changes.ts";
import type { Chats } from "./chats.ts";
import type { Commands } from "./commands.ts";
import type { MediaStore } from "./media.ts";
import type { Params } from "./params.ts";
import type { ButtonPresses } from "./queries.ts";
import type { UpdateQueue } from "./updates.ts";

/** All that the service holds; the methods and the page work on this. */
export interface Service {
  readonly bot: UserFromGetMe;
  readonly now: () => number;
  readonly chats: Chats;
  readonly media: MediaStore;
  readonly commands: Commands;
  readonly queries: ButtonPresses;
  readonly updates: UpdateQueue;
  readonly changes: Changes;
}

/** One method of the Bot API: carries a call out and gives the wire's `result`. `signal` is aborted when the caller hangs up. @throws {Refusal} */
export type Method = (params: Params, service: Service, signal: AbortSignal) => unknown;
