import { http } from "../../lib/node-http.ts";
import { portOf } from "../../lib/port-of.ts";
import type { Server } from "node:http";
import type { UserFromGetMe } from "grammy/types";
import { type ApiCall, handleApi } from "./api.ts";
import { type Changes, createChanges } from "./state/changes.ts";
import type { Composer, GroupOptions, PrivateChatOptions } from "./state/chat.ts";
import { createChats } from "./state/chats.ts";
import { createCommandMenus } from "./state/commands.ts";
import { createApiFaults, type ApiFaults } from "./faults.ts";
import { createLimits } from "./rate-limits.ts";
import { createMediaStore } from "./state/media.ts";
import { handlePage } from "./page-routes.ts";
import { createPeople, type DemoPeople } from "./people.ts";
import { createQueries, type ButtonPresses } from "./state/queries.ts";
import type { Service } from "./state/service.ts";
import { UpdateQueue } from "./state/updates.ts";
import type { ThingsToTry } from "./tries.ts";
import { show, type ShownMessage } from "./view.ts";

/** How the stand-in is set up. */
export interface TelegramOptions {
  /** The only token that is let in, such as `123456:test`; the number before the colon becomes the bot's id. */
  readonly token: string;
  readonly botName?: string;
  readonly botUsername?: string;
  /** On 127.0.0.1; 0, the default, picks a free one. */
  readonly port?: number;
  /** `"on"` keeps the real service's pace and answers 429 beyond it; `"off"` by default. */
  readonly limits?: "on" | "off";
  /** `"on"`, as with a new bot: in groups it hears only commands, mentions and replies to it, unless it is admin there. */
  readonly privacy?: "on" | "off";
  /** Before a webhook gets again what it did not take; a second by default, and twice as long each time. */
  readonly webhookRetryMs?: number;
  readonly now?: () => number;
}

/** A running stand-in: what the bot calls, what people do, and what they see. */
export interface Telegram extends DemoPeople, Pick<Changes, "waitFor">, Pick<ButtonPresses, "answers"> {
  /** The API root for the bot (`TELEGRAM_API_ROOT`), without a slash at the end. */
  readonly url: string;
  /** The chat page, for a browser. */
  readonly pageUrl: string;
  readonly addPrivateChat: (options: PrivateChatOptions) => void;
  readonly addGroup: (options: GroupOptions) => void;
  /** What a chat shows now, oldest first. */
  readonly messages: (chatId: number) => readonly ShownMessage[];
  /** The reply keyboard, or the request to reply, at a chat's text field. */
  readonly composer: (chatId: number) => Composer | null;
  /** The calls that came in, oldest first; the newest 20,000 at least. */
  readonly calls: readonly ApiCall[];
  /** Hands the bot an update as it is, for what only some clients make: whoever writes one can send what they like. */
  readonly push: UpdateQueue["push"];
  /** Lets calls go wrong; call what it returns to lift the fault. */
  readonly fault: ApiFaults["add"];
  /** Shows on the chat page what may be tried. */
  readonly offer: (tries: ThingsToTry) => void;
  readonly stop: () => Promise<void>;
}

/** Starts a stand-in for the Telegram Bot API on loopback, which refuses what the real one refuses, with its chat page. */
export async function startTelegram({
  token,
  botName = "Valvomo",
  botUsername = "valvomo_demo_bot",
  port = 0,
  limits = "off",
  privacy = "on",
  webhookRetryMs = 1_000,
  now = Date.now,
}: TelegramOptions): Promise<Telegram> {
  const calls: ApiCall[] = [];
  const service: Service = {
    bot: createBot(token, botName, botUsername, privacy === "off"),
    now,
    chats: createChats(),
    media: createMediaStore(),
    commands: createCommandMenus(),
    queries: createQueries({ now }),
    updates: new UpdateQueue({ now, retryMs: webhookRetryMs }),
    changes: createChanges({ describe: () => describeCalls(calls) }),
  };
  const { chats, changes, queries } = service;
  const faults = createApiFaults();
  const people = createPeople(service);
  const api = { token, service, faults, calls, limits: limits === "on" ? createLimits({ now }) : null };
  let tries: ThingsToTry = { about: [], causes: [] };
  const page = { service, people, tries: () => tries };

  const server = http.createServer((request, response) => {
    const url = URL.parse(`http://localhost${request.url}`);
    if (!url) response.writeHead(400).end();
    else if (!handleApi(api, request, response, url)) handlePage(page, request, response, url);
  });
  const url = await listen(server, port);

  return {
    ...people,
    url,
    pageUrl: `${url}/`,
    calls,
    answers: queries.answers,
    waitFor: changes.waitFor,
    push: service.updates.push,
    fault: faults.add,
    offer: (offered) => void (tries = offered),
    addPrivateChat: (options) => changes.publish({ type: "chat", chatId: chats.addPrivate(options).id }),
    addGroup: (options) => changes.publish({ type: "chat", chatId: chats.addGroup(options).id }),
    messages: (chatId) => {
      const chat = chats.get(chatId);
      return [...chat.messages.values()].map((message) => show(chat, message));
    },
    composer: (chatId) => chats.get(chatId).composer,
    stop: async () => {
      service.updates.sendTo(null);
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  return `http://127.0.0.1:${portOf(server)}`;
}

function createBot(token: string, name: string, username: string, readsAllMessages: boolean): UserFromGetMe {
  return {
    id: Number.parseInt(token, 10),
    is_bot: true,
    first_name: name,
    username,
    can_join_groups: true,
    can_read_all_group_messages: readsAllMessages,
    supports_guest_queries: false,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
    has_topics_enabled: false,
    allows_users_to_create_topics: false,
    can_manage_bots: false,
    supports_join_request_queries: false,
  };
}

function describeCalls(calls: readonly ApiCall[]): string {
  const newest = calls.filter((call) => call.method !== "getUpdates").slice(-8);
  const lines = newest.map(({ method, status, description }) => `  ${method} ${status ?? "…"} ${description ?? ""}`);
  return `The last calls were:\n${lines.join("\n") || "  none"}`;
}
