import { Composer, type Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import { explain } from "../../measurements/explain.ts";
import type { NamedWhatIf } from "../../quality/csv.ts";
import type { MeasuredSpan, Quality } from "../../quality/types.ts";
import type { QualityReports } from "../../reports/quality-reports.ts";
import { toast, UNKNOWN_ALARM } from "../access/card-buttons.ts";
import { handled } from "../access/outcome.ts";
import { servedIn } from "../access/person.ts";
import { reply, turnCaption } from "../access/reply.ts";
import { html } from "../api/render.ts";
import { qualityButton, spanIn, tooOld, spanCode, type WorkOut } from "./quality-span.ts";
import { remedyButtons, whatIfPage } from "./what-if-page.ts";

const PRESS = "whatif";
const IN_ROW = 5;

/** Leads from the ten worst to what rules would have done for each of them. */
export function createWhatIfButtons(options: {
  readonly reports: Pick<QualityReports, "whatIf">;
  readonly timeZoneOf: (chatId: number) => string;
  readonly work: WorkOut;
}): Composer<Context> {
  const { reports, timeZoneOf, work } = options;
  const buttons = new Composer<Context>();
  buttons.callbackQuery(
    new RegExp(`^${PRESS}:(\\d{1,15}):(\\d{1,11}):(\\d{1,11})$`),
    handled(async (ctx) => {
      const id = Number(ctx.match[1]);
      const span = spanIn(ctx.match[2], ctx.match[3]);
      if (span === null) return tooOld(ctx);
      return {
        result: "done",
        async tell() {
          await toast(ctx, "");
          work(ctx, span, async ({ quality }) => {
            const { chatId } = servedIn(ctx);
            const named = quality.worst.find((one) => one.id === id);
            const whatIf = await reports.whatIf(span, chatId, id);
            if (!named || whatIf === null) return reply(ctx, html`That alarm is not among the ten worst any more.`);
            const page = whatIfPage(whatIf, { ...span, name: named.name, timeZone: timeZoneOf(chatId) });
            const back = [qualityButton("worst", "« Ten worst", span), qualityButton("verdict", "Verdict", span)];
            await turnCaption(ctx, page, [...remedyButtons(id, whatIf), back]);
          });
        },
      };
    }),
  );
  return buttons;
}

/** What rules would have done for each of the ten worst, one after the other; of which that cannot be found out, why. */
export async function whatIfsOf(
  reports: Pick<QualityReports, "whatIf">,
  span: MeasuredSpan,
  chatId: number,
  { worst }: Pick<Quality, "worst">,
): Promise<readonly NamedWhatIf[]> {
  const found: NamedWhatIf[] = [];
  for (const { id, name } of worst) {
    try {
      const whatIf = await reports.whatIf(span, chatId, id);
      found.push(whatIf === null ? { name, why: UNKNOWN_ALARM } : { name, whatIf });
    } catch (error) {
      found.push({ name, why: explain(error) });
    }
  }
  return found;
}

/** One for each of the ten worst, by the number in their list. */
export function whatIfButtons({ worst }: Pick<Quality, "worst">, span: MeasuredSpan): InlineKeyboardButton[][] {
  const keys = worst.map(({ id }, i) => ({
    text: String(i + 1),
    callback_data: `${PRESS}:${id}:${spanCode(span)}`,
  }));
  return Array.from({ length: Math.ceil(keys.length / IN_ROW) }, (_, row) =>
    keys.slice(row * IN_ROW, (row + 1) * IN_ROW),
  );
}
