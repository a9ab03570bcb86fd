import { Composer, type Context } from "grammy";
import { toast, UNKNOWN_ALARM } from "../access/card-buttons.ts";
import { handled, type Done } from "../access/outcome.ts";
import { servedIn } from "../access/person.ts";
import { reply, turnPage } from "../access/reply.ts";
import { REMEDY, readRemedy } from "./remedy-code.ts";
import { RuleScreens, WHOLE, type RuleButtonOptions, type RuleScreen } from "./rule-screens.ts";
import { unchangedView } from "./rule-views.ts";

const ALARM = "(\\d{1,15})";
const MARK = "([\\w-]{8})";

/** An admin makes a rule of a remedy: sees what it would change, says yes, and may take it back. */
export function createRuleButtons(options: RuleButtonOptions): Composer<Context> {
  const screens = new RuleScreens(options);
  const buttons = new Composer<Context>();
  buttons.callbackQuery(
    new RegExp(`^rule:${ALARM}:(${REMEDY})$`),
    handled(async (ctx) => {
      const [, id, code] = ctx.match;
      const wished = await screens.wishOf(servedIn(ctx).chatId, id, code);
      if (wished === null) return unknown(ctx);
      const { result, text, keyboard } = await screens.ask(wished);
      return {
        result,
        async tell() {
          await toast(ctx, "");
          await reply(ctx, text, { reply_markup: { inline_keyboard: keyboard } });
        },
      };
    }),
  );
  buttons.callbackQuery(
    new RegExp(`^ruleyes:${ALARM}:(${REMEDY}):${MARK}$`),
    handled(async (ctx) => {
      const [, id, code, mark = ""] = ctx.match;
      const wished = await screens.wishOf(servedIn(ctx).chatId, id, code);
      return wished === null ? unknown(ctx) : turned(ctx, await screens.write(wished, mark));
    }),
  );
  buttons.callbackQuery(
    "ruleno",
    handled(async (ctx) => ({
      result: "left as it is",
      async tell() {
        await toast(ctx, "");
        await turnPage(ctx, unchangedView(options.ruleFile.name), []);
      },
    })),
  );
  buttons.callbackQuery(
    new RegExp(`^ruleback:${ALARM}:(${WHOLE}|${REMEDY}):${MARK}$`),
    handled(async (ctx) => {
      const [, id, code = ""] = ctx.match;
      const mark = ctx.match.at(-1) ?? "";
      const alarm = await options.find(servedIn(ctx).chatId, Number(id));
      return alarm === null ? unknown(ctx) : turned(ctx, await screens.takeBack(alarm, readRemedy(code), mark));
    }),
  );
  return buttons;
}

const unknown = (ctx: Context): Done => ({ result: "not done", tell: () => toast(ctx, UNKNOWN_ALARM) });

const turned = (ctx: Context, { result, words = "", text, keyboard }: RuleScreen): Done => ({
  result,
  async tell() {
    await toast(ctx, words);
    await turnPage(ctx, text, keyboard);
  },
});
