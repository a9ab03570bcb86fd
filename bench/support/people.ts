import type { TelegramOptions } from "../../src/demo/telegram/server.ts";
import { ADMIN, createWorld, type World } from "../../test/support/world.ts";

/** Nobody may ask for more than a dozen plots in a row, so many people ask for a few each. */
export const PLOTS_EACH = 10;

/** A world with so many people more, each an admin with a private chat. */
export async function createCrowd(
  count: number,
  brokerUrl: string,
  settings: Readonly<Record<string, string>> = {},
  telegramOptions: Partial<TelegramOptions> = {},
): Promise<World & { readonly people: readonly number[] }> {
  const people = Array.from({ length: count }, (_, i) => 100 + i);
  const all = { ...settings, TELEGRAM_ADMIN_IDS: [ADMIN, ...people].join(",") };
  const world = await createWorld(brokerUrl, all, telegramOptions);
  for (const id of people) world.telegram.addPrivateChat({ id, firstName: `P${id}` });
  return { ...world, people };
}
