const MONDAY = 1;

declare global {
  namespace Intl {
    /** What runtimes know, and the language's types do not yet. */
    interface Locale {
      getWeekInfo(): { readonly firstDay: number };
    }
  }
}

/**
 * The weekday with which weeks begin for a person, from 1 (Monday) to 7 (Sunday). A language without a region says nothing
 * about weeks: English is spoken in London too. So that is Monday, as is what cannot be read.
 * @param language IETF tag as Telegram tells it, such as `en-US`
 */
export function weekStartOf(language: string | undefined): number {
  try {
    const locale = new Intl.Locale(language ?? "");
    return locale.region === undefined ? MONDAY : locale.getWeekInfo().firstDay;
  } catch {
    return MONDAY;
  }
}
