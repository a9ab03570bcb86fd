import type { Api, Composer, Context } from "grammy";
import { ownEvent } from "./alarms/own.ts";
import type { Audience } from "./audience.ts";
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import type { Logger } from "./log.ts";
import { createBudgets } from "./people/budget.ts";
import { createJoinGuard, type WrongCode } from "./people/join-guard.ts";
import { createSecondFactor } from "./people/second-factor.ts";
import type { Plants } from "./plants/plants.ts";
import type { ReportStore } from "./reports/report-store.ts";
import type { Audit } from "./store/audit.ts";
import type { People } from "./store/people.ts";
import type { Routes } from "./store/routes.ts";
import type { Store } from "./store/store.ts";
import { createAccess, type Access } from "./telegram/access.ts";
import { createAuditCommand } from "./telegram/audit-command.ts";
import { createCodeCommand } from "./telegram/code-command.ts";
import type { Command } from "./telegram/commands.ts";
import { createJoining, type Joining } from "./telegram/joining.ts";
import { createMenus } from "./telegram/menus.ts";
import { createPeopleCommands } from "./telegram/people-commands.ts";
import { createStrangers, type Strangers } from "./telegram/strangers.ts";
import { useOf } from "./telegram/use.ts";

/** Who may do what: people, how they come in and go, and what stands between them and everything else. */
export interface Membership {
  readonly access: Access;
  readonly joining: Joining;
  readonly strangers: Strangers;
  readonly commands: readonly Command[];
  readonly buttons: readonly Composer<Context>[];
  /** Shows everybody the menu of his role. */
  showMenus(): Promise<void>;
}

/** What it is made from. */
export interface MembershipOptions {
  readonly config: Config;
  readonly people: People;
  readonly audit: Audit;
  /** The wrong codes of the last hour. */
  readonly wrongCodes: readonly WrongCode[];
  readonly plants: Plants;
  readonly routes: Routes;
  readonly store: Store;
  readonly audience: Audience;
  readonly reportStore: ReportStore;
  readonly api: () => Api;
  /** All commands, also these. */
  readonly allCommands: () => readonly Command[];
  /** Ends what goes on by itself in a chat. */
  readonly stopIn: (chatId: number) => void;
  /** Cards of these chats may be out of date. */
  readonly onChange: (chatIds: readonly number[]) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Builds it. */
export function createMembership(options: MembershipOptions): Membership {
  const { config, people, audit, plants, routes, store, audience, clock, log } = options;
  const { now } = clock;
  const { adminIds, alarmChatIds, adminTotp } = config.telegram;
  const secondFactor = createSecondFactor({ secrets: adminTotp, now, elapsed: clock.elapsed });
  const { timeZoneOf } = store.chats;

  /** What says that a chat gets alarms, other than itself. */
  function namedIn(chatId: number): readonly string[] {
    const isTo = (to: readonly { readonly chatId: number }[]): boolean => to.some((one) => one.chatId === chatId);
    const inFile =
      plants.routes.some(({ to }) => isTo(to)) ||
      Object.values(plants.escalation).some(({ steps }) => isTo(steps.map(({ to }) => to)));
    return [
      ...(alarmChatIds.includes(chatId) ? ["TELEGRAM_ALARM_CHAT_IDS"] : []),
      ...(inFile ? ["the plants file"] : []),
      ...routes.list().flatMap(({ id, to }) => (isTo(to) ? [`route ${id} (/unroute ${id})`] : [])),
    ];
  }

  /** What was kept for chats that get alarms no more. */
  const forgetOthers = (): Promise<void> => store.forgetOtherChats(audience.recipients());

  async function endSessions(userId: number): Promise<void> {
    secondFactor.end(userId);
    if (people.roleOf(userId) === null) {
      // A private chat has the id of its person.
      options.stopIn(userId);
      await store.dialogues.deleteOf(userId);
      await store.chats.setJoined(userId, null);
      await options.reportStore.save(userId, null);
      const own = routes.list().filter(({ to }) => to.every(({ chatId }) => chatId === userId));
      for (const { id } of own) await routes.remove(id);
      await forgetOthers();
    }
    showTo(userId);
  }

  /** A menu is only a help: whether it is shown or not, rights are what they are. */
  function showTo(userId: number): void {
    menus.showTo(userId, people.roleOf(userId)).catch((error: unknown) => {
      log.warn({ reason: String(error) }, "could not show somebody the menu of his role");
    });
  }

  const strangers = createStrangers({ people, audit, enter: (ctx, code) => joining.enter(ctx, code), now, log });
  const joining = createJoining({
    people,
    audit,
    guard: createJoinGuard({ past: options.wrongCodes, now, elapsed: clock.elapsed }),
    chats: store.chats,
    audience,
    hasRoutes: () => plants.routes.length + routes.list().length > 0,
    namedIn,
    onLeave: forgetOthers,
    onRole: showTo,
    now,
  });
  const peopleCommands = createPeopleCommands({
    people,
    isFixed: (userId) => adminIds.includes(userId),
    namedIn,
    onRole: endSessions,
    async forget(member) {
      await people.setRole(member.id, null);
      await endSessions(member.userId);
      options.onChange(await store.forgetPerson(member));
      store.chats.drop(member.userId);
    },
    timeZoneOf,
    now,
  });
  const access = createAccess({
    people,
    audit,
    isServed: audience.includes,
    useOf: (ctx) => useOf(ctx, options.allCommands()),
    budgets: createBudgets({ elapsed: clock.elapsed }),
    secondFactor,
    strangers,
    offerToJoin: (ctx) => joining.offer(ctx),
    log,
  });
  const menus = createMenus({
    api: options.api,
    commands: options.allCommands,
    // Admins by the settings are not known before they write for the first time.
    people: () => [
      ...adminIds.map((userId) => ({ userId, role: "admin" as const })),
      ...people.members().filter(({ userId }) => !adminIds.includes(userId)),
    ],
    groups: () => audience.recipients().filter((chatId) => chatId < 0),
  });

  return {
    access,
    joining,
    strangers,
    commands: [
      joining.leave,
      ...peopleCommands.commands,
      createAuditCommand({ audit, timeZoneOf, now }),
      ...(adminTotp.size === 0
        ? []
        : [
            createCodeCommand({
              secondFactor,
              onLocked: (userId) =>
                audience.take([
                  ownEvent(
                    {
                      id: "second factor",
                      message: `Admin ${userId} gave five wrong codes of the second factor: none is taken for a quarter of an hour.`,
                      severity: "warning",
                      state: null,
                      isForAdmins: true,
                    },
                    now(),
                  ),
                ]),
            }),
          ]),
    ],
    buttons: [joining.buttons, peopleCommands.buttons],
    showMenus: () => menus.showAll(),
  };
}
