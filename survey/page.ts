import type { Figure } from "./figures.ts";
import type { Room } from "./rooms.ts";

/** The survey as the architecture page shows it. */
export const tableOf = (figures: readonly Figure[]): string =>
  [
    "| what | today | aim |",
    "| --- | --- | --- |",
    ...figures.map(({ what, figure, aim, isMet }) => `| ${what} | ${isMet ? figure : `**${figure}**`} | ${aim} |`),
    "",
  ].join("\n");

/** The rooms as the architecture page shows them: the highest first, since each looks at those below it only. */
export const roomTableOf = (rooms: readonly Room[]): string =>
  [
    "| room | what it holds |",
    "| --- | --- |",
    ...rooms.toReversed().map(({ name, holds }) => `| [\`${name}\`](../src/${name}) | ${holds} |`),
    "",
  ].join("\n");

/**
 * A page with a part of it written anew: what stands between `<!-- name -->` and `<!-- end -->`.
 * @throws Error if the page has no such part
 */
export function withPart(page: string, name: string, content: string): string {
  const part = new RegExp(`(<!-- ${name} -->\\n)[^]*?(<!-- end -->)`);
  if (!part.test(page)) throw new Error(`the page has no part “${name}”`);
  return page.replace(part, (_, begin: string, end: string) => `${begin}${content}${end}`);
}
