import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Api, Bot, type Context } from "grammy";
import type { AlarmRules } from "../../src/alarms/lifecycle/escalation-plan.ts";
import type { AlarmEvent } from "../../src/alarms/event.ts";
import { quietUntilOf } from "../../src/app/chat/chat.ts";
import { startTelegram, type Telegram } from "../../src/demo/telegram/server.ts";
import { createDispatcher, type Dispatcher } from "../../src/dispatch/dispatcher.ts";
import type { FloodRate } from "../../src/dispatch/assign-to-board.ts";
import { createPace } from "../../src/pace/pace.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { openStore, type Store } from "./store.ts";
import { BoardButtons } from "../../src/telegram/cards/board-buttons.ts";
import { inTurn } from "../../src/telegram/api/in-turn.ts";
import { createComeback } from "../../src/telegram/api/comeback.ts";
import { createApiHealth } from "../../src/telegram/api/api-health.ts";
import { cardButtons } from "../../src/telegram/access/card-buttons.ts";
import { TelegramCards } from "../../src/telegram/cards/sender.ts";
import { createVisibleTo } from "../../src/telegram/access/visible-alarms.ts";
import { createManualClock, type ManualClock } from "./clock.ts";
import { silentLog } from "./log.ts";
import { chatOf, RULES } from "./rules.ts";
import { clientOf } from "../../src/telegram/api/client.ts";
import { outgoing } from "./outgoing.ts";

const TOKEN = "417:token-of-the-stand-in";

/** The parts of the store that are watched. */
const NOUNS = new Set<string | symbol>(["alarms", "cards", "boards", "history"]);

/** The inside of the program in this process, against a Telegram on a socket that keeps its limits; one clock for all. */
export interface Room {
  readonly clock: ManualClock;
  /** Where its store is. */
  readonly path: string;
  readonly telegram: Telegram;
  readonly store: Store;
  /** Takes what came from the plant. */
  readonly take: (events: readonly AlarmEvent[]) => Promise<void>;
  /** Moves the clock on in steps, letting what is due happen. */
  readonly pass: (ms: number, stepMs?: number) => Promise<void>;
  /** Lets the bot hear what people pressed. */
  hear(): Promise<void>;
  /** Ends everything but the file and opens it again. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Builds it. All alarms go to `chats`; groups have negative ids. */
export async function createRoom(options: {
  readonly chats: readonly number[];
  readonly floodRate?: FloodRate | null;
  readonly togetherRate?: FloodRate | null;
  readonly rules?: AlarmRules;
  readonly at?: number;
}): Promise<Room> {
  const { chats, floodRate = { count: 10, withinMs: 600_000 }, togetherRate = null, rules = RULES } = options;
  const folder = mkdtempSync(join(tmpdir(), "valvomo-room-"));
  const path = join(folder, "valvomo.db");
  const clock = createManualClock(options.at);
  const { now } = clock;
  const telegram = await startTelegram({ token: TOKEN, limits: "on", now });
  for (const id of chats) {
    const members = [{ id: 11, firstName: "Aino" }];
    if (id > 0) telegram.addPrivateChat({ id, firstName: `User ${id}` });
    else telegram.addGroup({ id, title: `Group ${id}`, members, isBotAdmin: true });
  }
  /** Whatever the parts do passes here, so that one can tell when they rest. */
  let steps = 0;
  let underWay = 0;
  let offset = 0;

  function watched<T extends object>(part: T): T {
    return new Proxy(part, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (NOUNS.has(name)) return watched(member as object);
        if (typeof member !== "function") return member;
        return (...args: unknown[]): unknown => {
          steps += 1;
          const result: unknown = member.apply(target, args);
          if (!(result instanceof Promise)) return result;
          underWay += 1;
          return result.finally(() => (underWay -= 1));
        };
      },
    });
  }

  async function open() {
    const store = watched(
      await openStore(openSqlite(path), {
        rules,
        destinationsOf: () => chats.map(chatOf),
        timeZone: "Europe/Helsinki",
        now,
      }),
    );
    const pace = createPace({ isOn: true, clock });
    const bot = new Bot<Context>(TOKEN, { client: clientOf(telegram.url, outgoing) });
    const comeback = createComeback({
      probe: () => unpaced.getMe(),
      onBack: () => void dispatcher.back(),
      clock,
    });
    const apiHealth = createApiHealth({ clock, pace, comeback, log: silentLog });
    bot.api.config.use(apiHealth.transformer, inTurn(pace, "answer"));
    const unpaced = new Api(TOKEN, clientOf(telegram.url, outgoing));
    unpaced.config.use(apiHealth.transformer);
    // Also while Telegram is away.
    bot.botInfo = {
      id: 417,
      is_bot: true,
      first_name: "Valvomo",
      username: "valvomo_demo_bot",
    } as typeof bot.botInfo;
    const { timeZoneOf } = store.chats;
    const sender = new TelegramCards({
      api: unpaced,
      contextOf: (_, chatId) => ({
        timeZone: timeZoneOf(chatId),
        now: now(),
        next: null,
        orphaned: null,
        lateAfterMs: 300_000,
      }),
      buttonsBelow: (alarm) => cardButtons(alarm, { now: now(), timeZone: "UTC" }),
      pictures: { has: () => false, waiting: () => null, settle: () => undefined, want: () => undefined },
      timeZoneOf,
      now,
    });
    const dispatcher: Dispatcher = createDispatcher({
      store,
      sender: watched(sender),
      pace,
      clock,
      log: silentLog,
      floodRate,
      togetherRate,
      quietUntil: (chatId, at) => quietUntilOf(store, chatId, at),
      onMigrated: async () => undefined,
      onReachable: async () => undefined,
    });
    const visibleTo = createVisibleTo(
      store,
      store,
      () => "shared",
      () => false,
    );
    bot.use(
      new BoardButtons({ store, visibleTo, onChange: (chatIds) => dispatcher.wake(chatIds), now, log: silentLog })
        .buttons,
    );
    await dispatcher.start();
    return { store, bot, comeback, dispatcher };
  }
  let parts = await open();

  async function idle(): Promise<void> {
    let [seen, turns] = [-1, 0];
    while (turns < 8) {
      await setImmediate();
      turns = seen === steps && underWay === 0 ? turns + 1 : 0;
      seen = steps;
    }
  }

  return {
    clock,
    path,
    telegram,
    get store() {
      return parts.store;
    },
    async take(events) {
      parts.dispatcher.wake(await parts.store.record(events));
    },
    async pass(ms, stepMs = 1_000) {
      await idle();
      for (let passed = 0; passed < ms; passed += stepMs) {
        clock.advance(Math.min(stepMs, ms - passed));
        parts.dispatcher.wake(await parts.store.elapse());
        await idle();
      }
    },
    async hear() {
      for (const update of await parts.bot.api.getUpdates({ offset, timeout: 0 })) {
        offset = update.update_id + 1;
        await parts.bot.handleUpdate(update);
      }
    },
    async restart() {
      parts.comeback.stop();
      await parts.dispatcher.stop();
      await parts.store.close();
      parts = await open();
    },
    async close() {
      parts.comeback.stop();
      await parts.dispatcher.stop();
      await parts.store.close();
      await telegram.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
