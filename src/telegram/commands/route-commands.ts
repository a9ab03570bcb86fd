import type { Parsed } from "../../lib/text/parsed.ts";
import type { Context } from "grammy";
import type { Route } from "../../alarms/cards/route.ts";
import type { Destination, Severity } from "../../alarms/types.ts";
import type { Addressee } from "../../duty/addressee.ts";
import { LOOK } from "../../people/right.ts";
import type { Plants } from "../../plants/plants.ts";
import { severityOf } from "../../alarms/severity.ts";
import { clean, shorten } from "../../alarms/text.ts";
import { isTopicFilter } from "../../lib/text/topic-filter.ts";
import type { Command } from "../access/command.ts";
import { html, join, lines, ours, type Html } from "../api/render.ts";
import type { Handled } from "../access/outcome.ts";
import { decline, reply } from "../access/reply.ts";

/** What they need. */
export interface RouteCommandOptions {
  /** The routes that are written in chats. */
  readonly routes: {
    list(): readonly (Route & { readonly id: number })[];
    add(route: Route, update: number): Promise<number>;
    remove(id: number): Promise<boolean>;
  };
  /** The routes and the chats that the plants file names. */
  readonly plants: Pick<Plants, "routes" | "chats">;
  /** Routes changed. */
  readonly onChange: () => Promise<void>;
  /** A chat as the audit log names it. */
  readonly placeOf: (chatId: number) => Promise<string>;
}

const USAGE = ["/route error lut/# here", '/route warning "AMB *" hall6', "/route critical -1001234567890"];
/** With room to spare in the 4096 characters of a message. */
const MAX_LENGTH = 3_500;
const MAX_NAME = 60;
const MAX_PART = 200;

/** The commands about where alarms go. Everybody who is served may look; admins may change. */
export function createRouteCommands({ routes, plants, onChange, placeOf }: RouteCommandOptions): readonly Command[] {
  async function add(ctx: Context, args: string): Promise<Handled> {
    const parsed = parseRoute(args, (word) => destinationOf(word, ctx, plants.chats));
    if ("problem" in parsed)
      return decline(ctx, lines(html`${parsed.problem}`, ...USAGE.map((form) => html`· ${ours(form)}`)));
    const route = parsed.value;
    const id = await routes.add(route, ctx.update.update_id);
    const isFirst = routes.list().length + plants.routes.length === 1;
    const words = lines(
      html`Added: ${routeView(id, route)}`,
      isFirst ? html`It is the first route: from now on, alarms that no route takes go to the admins only.` : null,
    );
    return changed(ctx, `route ${id}`, route, words);
  }

  async function remove(ctx: Context, args: string): Promise<Handled> {
    const id = /^\s*#?(\d{1,9})\s*$/.exec(args)?.[1];
    if (id === undefined) return decline(ctx, html`Which route? Give its number from /routes, such as /unroute 3`);
    const route = routes.list().find((one) => one.id === Number(id));
    if (!route || !(await routes.remove(route.id)))
      return decline(ctx, html`There is no route ${id}. /routes shows them.`);
    return changed(ctx, "removed,", route, html`Route ${id} is removed.`);
  }

  const changed = async (ctx: Context, what: string, { to }: Route, words: Html): Promise<Handled> => ({
    result: `${what} to ${await whereTo(to, placeOf)}`,
    tell: () => onChange().then(() => reply(ctx, words)),
  });

  return [
    {
      name: "routes",
      description: "Which alarms go where",
      topic: "plant",
      usage: ["/routes"],
      right: LOOK,
      run: (ctx) => reply(ctx, routesView(routes.list(), plants.routes)),
    },
    {
      name: "route",
      description: "Choose which alarms go to a chat (admins)",
      topic: "plant",
      usage: USAGE,
      right: { role: "admin" },
      takesText: true,
      // Without where to, which may be a person's number of Telegram's: what came of it says that.
      noted: /^.*(?=\s\S+$)/s,
      run: add,
    },
    {
      name: "unroute",
      description: "Remove a route (admins)",
      topic: "plant",
      usage: ["/unroute 3"],
      right: { role: "admin" },
      noted: /^#?\d{1,9}$/,
      run: remove,
    },
  ];
}

/**
 * Reads what follows `/route`: a severity (`warning` if there is none), topic filters, sources in quotes, and at last the
 * destination.
 */
function parseRoute(args: string, find: (word: string) => Destination | null): Parsed<Route> {
  // Phones write quotes of many kinds. One that is not closed stands alone, and is refused.
  const parts = [
    ...clean(args)
      .replace(/[“”„‟«»]/g, '"')
      .matchAll(/"([^"]*)"|"|[^\s"]+/g),
  ];
  const last = parts.pop();
  if (last === undefined) return { problem: "Which alarms, and where to?" };
  const destination = last[1] === undefined ? find(last[0]) : null;
  if (destination === null) {
    return {
      problem: `I know no chat “${shorten(last[0], MAX_NAME)}”. End with “here”, a name of the plants file, or a chat's id.`,
    };
  }
  let severity: Severity | null = null;
  const sources: string[] = [];
  const topics: string[] = [];
  for (const [word, quoted] of parts) {
    if (word.length > MAX_PART) return { problem: `“${shorten(word, MAX_NAME)}” is too long.` };
    const named = severityOf(word);
    if (quoted !== undefined) sources.push(quoted);
    else if (named !== null && severity === null) severity = named;
    else if (/[/#+]/.test(word) && isTopicFilter(word)) topics.push(word);
    else {
      return {
        problem: `I cannot read “${word}”. Write one severity, MQTT topics with a /, # or +, and sources in quotes.`,
      };
    }
  }
  return { value: { severity: severity ?? "warning", sources, topics, to: [destination] } };
}

function destinationOf(word: string, ctx: Context, chats: Plants["chats"]): Destination | null {
  const typed = word.toLowerCase();
  if (typed === "here" && ctx.chat) {
    const name = ctx.chat.title ?? ctx.chat.first_name ?? String(ctx.chat.id);
    const threadId = ctx.msg?.is_topic_message ? (ctx.msg.message_thread_id ?? null) : null;
    return { chatId: ctx.chat.id, threadId, name: shorten(clean(name), MAX_NAME) };
  }
  if (/^-?[1-9]\d{0,14}$/.test(word)) return { chatId: Number(word), threadId: null, name: word };
  return Object.values(chats).find(({ name }) => name.toLowerCase() === typed) ?? null;
}

/** All routes; those that a message cannot hold are counted. */
function routesView(stored: RouteList, fileRoutes: Plants["routes"]): Html {
  const all = [
    ...fileRoutes.map((route) => routeView(null, route)),
    ...stored.map(({ id, ...route }) => routeView(id, route)),
  ];
  if (all.length === 0) return html`There are no routes: each alarm goes to every alarm chat.`;
  let length = 0;
  const shown = all.filter((view) => (length += view.html.length + 1) <= MAX_LENGTH);
  return lines(
    html`<b>An alarm goes to every chat whose route takes it</b>`,
    ...shown,
    shown.length < all.length ? html`+${all.length - shown.length} more` : null,
  );
}

type RouteList = ReturnType<RouteCommandOptions["routes"]["list"]>;

/** @param id `null`: it stands in the plants file */
function routeView(id: number | null, { severity, sources, topics, to }: Route<Addressee>): Html {
  const onTopics = topics.map((topic) => html`<code>${topic}</code>`);
  const taken = [
    html`${severity === "info" ? "all alarms" : severity === "critical" ? "critical" : `${severity} and worse`}`,
    ...(sources.length > 0 ? [html`from ${sources.map((source) => `“${source}”`).join(" or ")}`] : []),
    ...(topics.length > 0 ? [html`on ${join(onTopics, " or ")}`] : []),
  ];
  const places = to
    .map((one) => ("threadId" in one && one.threadId !== null ? `${one.name} (thread ${one.threadId})` : one.name))
    .join(", ");
  return html`<b>${id === null ? "plants file" : id}</b>: ${join(taken, ", ")} → ${places}`;
}

/** Where a route leads, for the audit log, which knows people by number. */
async function whereTo(to: Route["to"], placeOf: RouteCommandOptions["placeOf"]): Promise<string> {
  const places = to.map(async ({ chatId, threadId }) =>
    threadId === null ? placeOf(chatId) : `${await placeOf(chatId)} thread ${threadId}`,
  );
  return (await Promise.all(places)).join(", ");
}
