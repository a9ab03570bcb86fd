import { Keyboard } from "grammy";
import { GET_FIGURE } from "./plot.ts";

/** What the reply keyboard says; a press sends just this text. */
export const BUTTONS = { figure: GET_FIGURE, status: "Status", help: "Help" } as const;

/** The reply keyboard that /start shows. */
export const mainKeyboard = new Keyboard()
  .text(BUTTONS.figure)
  .text(BUTTONS.status)
  .text(BUTTONS.help)
  .resized()
  .persistent();
