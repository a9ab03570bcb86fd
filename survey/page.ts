import type { Figure } from "./figures.ts";

/** The survey as the architecture page shows it. */
export const tableOf = (figures: readonly Figure[]): string =>
  [
    "| what | today | aim |",
    "| --- | --- | --- |",
    ...figures.map(({ what, figure, aim, isMet }) => `| ${what} | ${isMet ? figure : `**${figure}**`} | ${aim} |`),
    "",
  ].join("\n");
