import type { Method } from "../state/service.ts";
import { botMethods } from "./bot.ts";
import { chatMethods } from "./chat.ts";
import { editMethods } from "./edit.ts";
import { sendMethods } from "./send.ts";

/** Every method that the stand-in offers, by its lower-case name: Telegram does not mind the case. */
export const methods: ReadonlyMap<string, { readonly name: string; readonly call: Method }> = new Map(
  Object.entries({ ...botMethods, ...chatMethods, ...editMethods, ...sendMethods }).map(([name, call]) => [
    name.toLowerCase(),
    { name, call },
  ]),
);
