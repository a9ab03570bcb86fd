/** One screen of the chat: what is done, and what the message has by which it is known. */
export interface ChatScreen {
  /** The picture's file. */
  readonly name: string;
  readonly title: string;
  /** Who looks, and in which chat, from then on. */
  readonly by?: string;
  readonly chat?: string;
  /** The panel above the chat is open. */
  readonly isPanelOpen?: boolean;
  /** The screen in which this one begins; left out: in any. */
  readonly after?: string;
  /** What is written; or a button that is pressed, on the newest message that has it. */
  readonly say?: string;
  readonly press?: RegExp;
  /** The words that answer the press, which are shown, too: on each phone by itself. */
  readonly says?: RegExp;
  /** What the message has that is pressed, and shown. */
  readonly shows: RegExp;
}

/** In the order in which they are come by: one may begin where another ends. */
export const SCREENS: readonly ChatScreen[] = [
  { name: "start", title: "The greeting", shows: /This is Valvomo/ },
  { name: "to-try", title: "What to try in the demo", isPanelOpen: true, shows: /This is Valvomo/ },
  { name: "help", title: "Help", say: "/help", shows: /What would you like to know/ },
  { name: "help-alarms", title: "One topic of it", after: "help", press: /^Alarms$/, shows: /\/shelve/ },
  { name: "get-figure", title: "Get Figure: which field", say: "Get Figure", shows: /What shall I draw|Which/ },
  {
    name: "period",
    title: "Which period",
    after: "get-figure",
    press: /^Coil temperature/,
    shows: /period|When|Last 24 h/i,
  },
  { name: "calendar", title: "A day by the calendar", after: "period", press: /Choose days/, shows: /from which day/ },
  { name: "plot", title: "A plot", say: "/plot temperature 24h", shows: /mean over time/ },
  { name: "plot-more", title: "More below it", after: "plot", press: /^More…$/, shows: /mean over time/ },
  { name: "stats", title: "Numbers", say: "/stats 24h", shows: /mean/ },
  { name: "latest", title: "The newest values", say: "/latest", shows: /ago/ },
  { name: "status", title: "Is all alive", say: "/status", shows: /Broker/ },
  { name: "alarms", title: "What is active", say: "/alarms", shows: /active|alarm/i },
  { name: "history", title: "What there was", say: "/history", shows: /./ },
  { name: "devices", title: "TwinCAT's devices", say: "/devices", shows: /AMB/ },
  { name: "routes", title: "Which alarms go where", say: "/routes", shows: /route/i },
  { name: "people", title: "People", say: "/people", shows: /admin/ },
  { name: "invite", title: "An invitation", say: "/invite operator 1h", shows: /t\.me/ },
  { name: "duty", title: "On duty", say: "/duty", shows: /duty/i },
  { name: "audit", title: "Who did what", say: "/audit 1h", shows: /Who did what/ },
  { name: "bridge", title: "On its way to ThingSpeak", say: "/bridge", shows: /ThingSpeak/ },
  { name: "card", title: "An alarm with its trend", shows: /CRITICAL|ERROR/ },
  { name: "why", title: "Why it rang", after: "card", press: /^Why\?$/, shows: /rang|rings|because|first/i },
  { name: "shelve", title: "Shelving it", after: "card", press: /^Shelve…$/, shows: /CRITICAL|ERROR|WARNING/ },
  {
    name: "acknowledged",
    title: "Somebody looks after it",
    after: "card",
    press: /^Acknowledge$/,
    shows: /Acknowledged by/,
  },
  { name: "handover", title: "The change of shift", say: "/handover", shows: /Handover/ },
  { name: "quality", title: "Alarm quality", say: "/quality", shows: /Alarm quality/ },
  ...["Load", "Floods", "Nuisance", "Priorities", "Shelved", "Response", "Delivery", "Definitions", "Ten worst"].map(
    (page) => ({
      name: `quality-${page.toLowerCase().replaceAll(/\W+/g, "-")}`,
      title: `Alarm quality: ${page.toLowerCase()}`,
      after: "quality",
      press: new RegExp(`^${page}$`),
      shows: /Alarm quality/,
    }),
  ),
  { name: "what-if", title: "What a rule would have done", after: "quality-ten-worst", press: /^1$/, shows: /What if/ },
  { name: "group", title: "The same in a group", chat: "AMB hall", shows: /#\d/ },
  {
    name: "anna",
    title: "Somebody presses who is not invited",
    after: "group",
    by: "Anna",
    chat: "AMB hall",
    press: /^Why\?$/,
    says: /an admin has invited/,
    shows: /#\d/,
  },
];

/** What somebody plots whose file has columns with names of its own. */
export const FILE_SCREENS: readonly ChatScreen[] = [
  { name: "columns", title: "A file of one's own: which column is the time", say: "/columns", shows: /is the time\?/ },
  {
    name: "columns-fields",
    title: "Which columns are its fields",
    after: "columns",
    press: /^Zeit/,
    shows: /in their order/,
  },
];

/**
 * Those of these names, in their order, with all in which one of them begins.
 * @param names empty: all
 */
export function chosenScreens(screens: readonly ChatScreen[], names: readonly string[]): readonly ChatScreen[] {
  if (names.length === 0) return screens;
  const wanted = new Set(names);
  for (const { name, after } of screens.toReversed()) if (after !== undefined && wanted.has(name)) wanted.add(after);
  return screens.filter(({ name }) => wanted.has(name));
}
